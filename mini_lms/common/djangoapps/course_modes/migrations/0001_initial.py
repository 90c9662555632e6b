# ruff: noqa: RUF012
import re

import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import common.djangoapps.course_modes.rules


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("course_overviews", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalCourseMode",
            fields=[
                (
                    "id",
                    models.IntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                ("mode_slug", models.CharField(max_length=100, verbose_name="Mode")),
                (
                    "mode_display_name",
                    models.CharField(max_length=255, verbose_name="Display name"),
                ),
                ("min_price", models.IntegerField(default=0, verbose_name="Price")),
                ("currency", models.CharField(default="usd", max_length=8)),
                (
                    "_expiration_datetime",
                    models.DateTimeField(
                        blank=True,
                        db_column="expiration_datetime",
                        default=None,
                        null=True,
                        verbose_name="Upgrade deadline",
                    ),
                ),
                ("expiration_datetime_is_explicit", models.BooleanField(default=False)),
                (
                    "suggested_prices",
                    models.CharField(
                        blank=True,
                        default="",
                        max_length=255,
                        validators=[
                            django.core.validators.RegexValidator(
                                re.compile("^\\d+(?:,\\d+)*\\Z"),
                                code="invalid",
                                message="Enter only digits separated by commas.",
                            )
                        ],
                    ),
                ),
                ("description", models.TextField(blank=True, null=True)),
                (
                    "sku",
                    models.CharField(blank=True, max_length=255, null=True, verbose_name="SKU"),
                ),
                ("android_sku", models.CharField(blank=True, max_length=255, null=True)),
                ("ios_sku", models.CharField(blank=True, max_length=255, null=True)),
                ("bulk_sku", models.CharField(blank=True, default=None, max_length=255, null=True)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
                (
                    "course",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="course_overviews.courseoverview",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical course mode",
                "verbose_name_plural": "historical course modes",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="CourseMode",
            fields=[
                (
                    "id",
                    models.AutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("mode_slug", models.CharField(max_length=100, verbose_name="Mode")),
                (
                    "mode_display_name",
                    models.CharField(max_length=255, verbose_name="Display name"),
                ),
                ("min_price", models.IntegerField(default=0, verbose_name="Price")),
                ("currency", models.CharField(default="usd", max_length=8)),
                (
                    "_expiration_datetime",
                    models.DateTimeField(
                        blank=True,
                        db_column="expiration_datetime",
                        default=None,
                        null=True,
                        verbose_name="Upgrade deadline",
                    ),
                ),
                ("expiration_datetime_is_explicit", models.BooleanField(default=False)),
                (
                    "suggested_prices",
                    models.CharField(
                        blank=True,
                        default="",
                        max_length=255,
                        validators=[
                            django.core.validators.RegexValidator(
                                re.compile("^\\d+(?:,\\d+)*\\Z"),
                                code="invalid",
                                message="Enter only digits separated by commas.",
                            )
                        ],
                    ),
                ),
                ("description", models.TextField(blank=True, null=True)),
                (
                    "sku",
                    models.CharField(blank=True, max_length=255, null=True, verbose_name="SKU"),
                ),
                ("android_sku", models.CharField(blank=True, max_length=255, null=True)),
                ("ios_sku", models.CharField(blank=True, max_length=255, null=True)),
                ("bulk_sku", models.CharField(blank=True, default=None, max_length=255, null=True)),
                (
                    "course",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="modes",
                        to="course_overviews.courseoverview",
                    ),
                ),
            ],
            options={
                "unique_together": {("course", "mode_slug", "currency")},
            },
            bases=(common.djangoapps.course_modes.rules.ModeRules, models.Model),
        ),
    ]
