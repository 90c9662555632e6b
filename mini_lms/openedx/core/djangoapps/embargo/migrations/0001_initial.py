# ruff: noqa: RUF012
import django.db.models.deletion
import django_countries.fields
import opaque_keys.edx.django.models
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="RestrictedCourse",
            fields=[
                (
                    "id",
                    models.AutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "course_key",
                    opaque_keys.edx.django.models.CourseKeyField(
                        db_index=True, max_length=255, unique=True
                    ),
                ),
                ("enroll_msg_key", models.CharField(default="default", max_length=255)),
            ],
        ),
        migrations.CreateModel(
            name="CountryAccessRule",
            fields=[
                (
                    "id",
                    models.AutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "rule_type",
                    models.CharField(
                        choices=[
                            ("whitelist", "Whitelist (allow only these countries)"),
                            ("blacklist", "Blacklist (block these countries)"),
                        ],
                        default="blacklist",
                        max_length=255,
                    ),
                ),
                ("country", django_countries.fields.CountryField(max_length=2)),
                (
                    "restricted_course",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="embargo.restrictedcourse"
                    ),
                ),
            ],
            options={
                "unique_together": {("restricted_course", "country")},
            },
        ),
    ]
