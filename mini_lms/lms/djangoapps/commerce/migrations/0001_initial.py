# ruff: noqa: RUF012
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CommerceConfiguration",
            fields=[
                (
                    "id",
                    models.AutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "change_date",
                    models.DateTimeField(auto_now_add=True, verbose_name="Change date"),
                ),
                ("enabled", models.BooleanField(default=False, verbose_name="Enabled")),
                (
                    "checkout_on_ecommerce_service",
                    models.BooleanField(
                        default=False,
                        help_text="Use the checkout page of an external ecommerce service.",
                    ),
                ),
                (
                    "basket_checkout_page",
                    models.CharField(
                        default="/basket/add/",
                        help_text="Path of the basket page of the ecommerce service.",
                        max_length=255,
                    ),
                ),
                (
                    "cache_ttl",
                    models.PositiveIntegerField(default=0, verbose_name="Cache time to live"),
                ),
                (
                    "receipt_page",
                    models.CharField(default="/checkout/receipt/?order_number=", max_length=255),
                ),
                ("enable_automatic_refund_approval", models.BooleanField(default=True)),
                (
                    "changed_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="Changed by",
                    ),
                ),
            ],
        ),
    ]
