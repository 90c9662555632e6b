# ruff: noqa: RUF012
import django.db.models.deletion
import opaque_keys.edx.django.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CourseCohortsSettings",
            fields=[
                (
                    "id",
                    models.AutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_cohorted", models.BooleanField(default=False)),
                (
                    "course_id",
                    opaque_keys.edx.django.models.CourseKeyField(
                        db_index=True, max_length=255, unique=True
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CourseUserGroup",
            fields=[
                (
                    "id",
                    models.AutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                (
                    "course_id",
                    opaque_keys.edx.django.models.CourseKeyField(db_index=True, max_length=255),
                ),
                ("group_type", models.CharField(choices=[("cohort", "Cohort")], max_length=20)),
                (
                    "users",
                    models.ManyToManyField(
                        blank=True,
                        db_index=True,
                        related_name="course_groups",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "unique_together": {("name", "course_id")},
            },
        ),
        migrations.CreateModel(
            name="CourseCohort",
            fields=[
                (
                    "id",
                    models.AutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "assignment_type",
                    models.CharField(
                        choices=[("random", "Random"), ("manual", "Manual")],
                        default="manual",
                        max_length=20,
                    ),
                ),
                (
                    "course_user_group",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cohort",
                        to="course_groups.courseusergroup",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CohortMembership",
            fields=[
                (
                    "id",
                    models.AutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("course_id", opaque_keys.edx.django.models.CourseKeyField(max_length=255)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "course_user_group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        to="course_groups.courseusergroup",
                    ),
                ),
            ],
            options={
                "unique_together": {("user", "course_id")},
            },
        ),
        migrations.CreateModel(
            name="UnregisteredLearnerCohortAssignments",
            fields=[
                (
                    "id",
                    models.AutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.CharField(blank=True, db_index=True, max_length=255)),
                ("course_id", opaque_keys.edx.django.models.CourseKeyField(max_length=255)),
                (
                    "course_user_group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        to="course_groups.courseusergroup",
                    ),
                ),
            ],
            options={
                "unique_together": {("course_id", "email")},
            },
        ),
    ]
