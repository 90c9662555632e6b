"""The JSON of courses, their modes and enrolments."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from common.djangoapps.course_modes.models import CourseMode
from common.djangoapps.student.models import CourseEnrollment


class ModeSerializer(serializers.Serializer):
    """A `Mode` tuple."""

    slug = serializers.CharField(max_length=100)
    name = serializers.CharField(max_length=255)
    min_price = serializers.IntegerField()
    suggested_prices = serializers.CharField(max_length=255)
    currency = serializers.CharField(max_length=8)
    expiration_datetime = serializers.DateTimeField()
    description = serializers.CharField()
    sku = serializers.CharField()
    bulk_sku = serializers.CharField()


class CourseSerializer(serializers.Serializer):
    course_id = serializers.CharField(source="id")
    course_name = serializers.CharField(source="display_name_with_default")
    enrollment_start = serializers.DateTimeField(format=None)
    enrollment_end = serializers.DateTimeField(format=None)
    course_start = serializers.DateTimeField(source="start", format=None)
    course_end = serializers.DateTimeField(source="end", format=None)
    invite_only = serializers.BooleanField(source="invitation_only")
    course_modes = serializers.SerializerMethodField()
    pacing_type = serializers.SerializerMethodField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.include_expired = kwargs.pop("include_expired", False)
        super().__init__(*args, **kwargs)

    def get_course_modes(self, obj: Any) -> list[dict[str, Any]]:
        modes = CourseMode.modes_for_course(
            obj.id, include_expired=self.include_expired, only_selectable=False
        )
        return [ModeSerializer(mode).data for mode in modes]

    def get_pacing_type(self, obj: Any) -> str:
        return "Self Paced" if obj.self_paced else "Instructor Paced"


class CourseEnrollmentSerializer(serializers.ModelSerializer):
    course_details = CourseSerializer(source="course_overview")
    user = serializers.CharField(source="username")

    class Meta:
        model = CourseEnrollment
        fields = ("created", "mode", "is_active", "course_details", "user")
