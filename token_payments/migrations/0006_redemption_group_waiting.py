from django.db import migrations, models

from token_payments.db.online_indexes import AddIndexOnline


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('token_payments', '0005_notice_old'),
    ]

    operations = [
        AddIndexOnline(
            model_name='redemption',
            index=models.Index(fields=['group_state', 'group_tries'], name='token_payments_group_waiting'),
        ),
    ]
