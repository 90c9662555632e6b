# ruff: noqa: RUF012
import uuid

import django.db.models.deletion
import django_countries.fields
import opaque_keys.edx.django.models
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import common.djangoapps.course_modes.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("course_overviews", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CourseEnrollment",
            fields=[
                (
                    "id",
                    models.AutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created", models.DateTimeField(auto_now_add=True, db_index=True, null=True)),
                ("is_active", models.BooleanField(default=True)),
                (
                    "mode",
                    models.CharField(
                        default=common.djangoapps.course_modes.models.CourseMode.get_default_mode_slug,
                        max_length=100,
                    ),
                ),
                (
                    "course",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="course_overviews.courseoverview",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ("user", "course"),
                "unique_together": {("user", "course")},
            },
        ),
        migrations.CreateModel(
            name="CourseEnrollmentAttribute",
            fields=[
                (
                    "id",
                    models.AutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("namespace", models.CharField(max_length=255)),
                ("name", models.CharField(max_length=255)),
                ("value", models.CharField(max_length=255)),
                (
                    "enrollment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attributes",
                        to="student.courseenrollment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="HistoricalCourseEnrollment",
            fields=[
                (
                    "id",
                    models.IntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "created",
                    models.DateTimeField(blank=True, db_index=True, editable=False, null=True),
                ),
                ("is_active", models.BooleanField(default=True)),
                (
                    "mode",
                    models.CharField(
                        default=common.djangoapps.course_modes.models.CourseMode.get_default_mode_slug,
                        max_length=100,
                    ),
                ),
                (
                    "history_id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
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
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical course enrollment",
                "verbose_name_plural": "historical course enrollments",
                "db_table": "student_courseenrollment_history",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalManualEnrollmentAudit",
            fields=[
                (
                    "id",
                    models.IntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                ("enrolled_email", models.CharField(db_index=True, max_length=255)),
                ("time_stamp", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "state_transition",
                    models.CharField(
                        choices=[
                            (
                                "from unenrolled to allowed to enroll",
                                "from unenrolled to allowed to enroll",
                            ),
                            (
                                "from allowed to enroll to enrolled",
                                "from allowed to enroll to enrolled",
                            ),
                            ("from enrolled to enrolled", "from enrolled to enrolled"),
                            ("from enrolled to unenrolled", "from enrolled to unenrolled"),
                            ("from unenrolled to enrolled", "from unenrolled to enrolled"),
                            ("N/A", "N/A"),
                        ],
                        max_length=255,
                    ),
                ),
                ("reason", models.TextField(null=True)),
                ("role", models.CharField(blank=True, max_length=64, null=True)),
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
                    "enrolled_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "enrollment",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="student.courseenrollment",
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
                "verbose_name": "historical manual enrollment audit",
                "verbose_name_plural": "historical manual enrollment audits",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="ManualEnrollmentAudit",
            fields=[
                (
                    "id",
                    models.AutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("enrolled_email", models.CharField(db_index=True, max_length=255)),
                ("time_stamp", models.DateTimeField(auto_now_add=True, null=True)),
                (
                    "state_transition",
                    models.CharField(
                        choices=[
                            (
                                "from unenrolled to allowed to enroll",
                                "from unenrolled to allowed to enroll",
                            ),
                            (
                                "from allowed to enroll to enrolled",
                                "from allowed to enroll to enrolled",
                            ),
                            ("from enrolled to enrolled", "from enrolled to enrolled"),
                            ("from enrolled to unenrolled", "from enrolled to unenrolled"),
                            ("from unenrolled to enrolled", "from unenrolled to enrolled"),
                            ("N/A", "N/A"),
                        ],
                        max_length=255,
                    ),
                ),
                ("reason", models.TextField(null=True)),
                ("role", models.CharField(blank=True, max_length=64, null=True)),
                (
                    "enrolled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "enrollment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="student.courseenrollment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="UserProfile",
            fields=[
                (
                    "id",
                    models.AutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(blank=True, db_index=True, max_length=255)),
                (
                    "country",
                    django_countries.fields.CountryField(blank=True, max_length=2, null=True),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="profile",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "auth_userprofile",
            },
        ),
        migrations.CreateModel(
            name="CourseAccessRole",
            fields=[
                (
                    "id",
                    models.AutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("org", models.CharField(blank=True, db_index=True, max_length=64)),
                (
                    "course_id",
                    opaque_keys.edx.django.models.CourseKeyField(
                        blank=True, db_index=True, max_length=255
                    ),
                ),
                ("role", models.CharField(db_index=True, max_length=64)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "unique_together": {("user", "org", "course_id", "role")},
            },
        ),
        migrations.CreateModel(
            name="CourseEnrollmentAllowed",
            fields=[
                (
                    "id",
                    models.AutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.CharField(db_index=True, max_length=255)),
                (
                    "course_id",
                    opaque_keys.edx.django.models.CourseKeyField(db_index=True, max_length=255),
                ),
                ("auto_enroll", models.BooleanField(default=False)),
                ("created", models.DateTimeField(auto_now_add=True, db_index=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "unique_together": {("email", "course_id")},
            },
        ),
    ]
