from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('token_payments', '0003_webhooks'),
    ]

    operations = [
        migrations.AddField(
            model_name='notice',
            name='forget_after',
            field=models.DateTimeField(null=True),
        ),
    ]
