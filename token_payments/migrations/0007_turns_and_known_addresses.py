from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('token_payments', '0006_redemption_group_waiting'),
    ]

    operations = [
        migrations.AddField(
            model_name='webhookendpoint',
            name='served_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='accountmember',
            name='address_known',
            field=models.BooleanField(db_default=True, default=True, editable=False),
        ),
    ]
