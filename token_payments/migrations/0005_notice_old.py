from django.db import migrations, models

from token_payments.db.online_indexes import AddIndexOnline


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('token_payments', '0004_notice_forget_after'),
    ]

    operations = [
        AddIndexOnline(
            model_name='notice',
            index=models.Index(fields=['forget_after'], name='token_payments_notice_old'),
        ),
    ]
