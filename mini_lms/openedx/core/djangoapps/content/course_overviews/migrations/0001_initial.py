# ruff: noqa: RUF012
import opaque_keys.edx.django.models
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="CourseOverview",
            fields=[
                (
                    "id",
                    opaque_keys.edx.django.models.CourseKeyField(
                        db_index=True, max_length=255, primary_key=True, serialize=False
                    ),
                ),
                ("org", models.TextField(default="outdated_entry", max_length=255)),
                ("display_name", models.TextField(null=True)),
                ("display_number_with_default", models.TextField(default="")),
                ("start", models.DateTimeField(blank=True, null=True)),
                ("end", models.DateTimeField(blank=True, null=True)),
                ("enrollment_start", models.DateTimeField(blank=True, null=True)),
                ("enrollment_end", models.DateTimeField(blank=True, null=True)),
                ("enrollment_domain", models.TextField(blank=True, null=True)),
                ("invitation_only", models.BooleanField(default=False)),
                ("max_student_enrollments_allowed", models.IntegerField(blank=True, null=True)),
                ("catalog_visibility", models.TextField(blank=True, default="both", null=True)),
                ("visible_to_staff_only", models.BooleanField(default=False)),
                ("self_paced", models.BooleanField(default=False)),
                ("course_image_url", models.TextField(blank=True, default="")),
                ("short_description", models.TextField(blank=True, null=True)),
                ("effort", models.TextField(blank=True, null=True)),
                ("language", models.TextField(blank=True, null=True)),
                (
                    "lowest_passing_grade",
                    models.DecimalField(
                        blank=True, decimal_places=2, default=None, max_digits=5, null=True
                    ),
                ),
                ("created", models.DateTimeField(auto_now_add=True)),
                ("modified", models.DateTimeField(auto_now=True)),
            ],
        ),
    ]
