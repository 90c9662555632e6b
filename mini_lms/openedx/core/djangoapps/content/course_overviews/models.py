"""What the LMS knows of a course without opening it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils.timezone import now
from edx_django_utils.cache import RequestCache
from opaque_keys.edx.django.models import CourseKeyField
from opaque_keys.edx.keys import CourseKey

CACHE_NAMESPACE = "course_overviews.CourseOverview.get_from_id"


class CourseOverview(models.Model):
    """A course run. Its key is the primary key. There is no `is_full`: enrolments answer that.

    .. no_pii:
    """

    id = CourseKeyField(db_index=True, primary_key=True, max_length=255)
    org = models.TextField(max_length=255, default="outdated_entry")
    display_name = models.TextField(null=True)
    display_number_with_default = models.TextField(default="")
    start = models.DateTimeField(null=True, blank=True)
    end = models.DateTimeField(null=True, blank=True)
    enrollment_start = models.DateTimeField(null=True, blank=True)
    enrollment_end = models.DateTimeField(null=True, blank=True)
    enrollment_domain = models.TextField(null=True, blank=True)
    invitation_only = models.BooleanField(default=False)
    max_student_enrollments_allowed = models.IntegerField(null=True, blank=True)
    catalog_visibility = models.TextField(null=True, blank=True, default="both")
    visible_to_staff_only = models.BooleanField(default=False)
    self_paced = models.BooleanField(default=False)
    course_image_url = models.TextField(blank=True, default="")
    short_description = models.TextField(null=True, blank=True)
    effort = models.TextField(null=True, blank=True)
    language = models.TextField(null=True, blank=True)
    lowest_passing_grade = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, blank=True, default=None
    )
    created = models.DateTimeField(auto_now_add=True)
    modified = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "course_overviews"

    def __str__(self) -> str:
        return str(self.id)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.org = self.id.org
        self.display_number_with_default = self.display_number_with_default or self.id.course
        super().save(*args, **kwargs)

    @classmethod
    def get_from_id(cls, course_id: CourseKey) -> CourseOverview:
        """Read once per request. Raises `CourseOverview.DoesNotExist`."""
        cache = RequestCache(CACHE_NAMESPACE)
        cached = cache.get_cached_response(course_id)
        if cached.is_found:
            return cached.value
        overview = cls.objects.get(id=course_id)
        cache.set(course_id, overview)
        return overview

    @classmethod
    def course_exists(cls, course_id: CourseKey) -> bool:
        return cls.objects.filter(id=course_id).exists()

    @classmethod
    def get_all_courses(
        cls,
        orgs: Collection[str] | None = None,
        filter_: dict[str, Any] | None = None,
        active_only: bool = False,
        course_keys: Collection[CourseKey] | None = None,
    ) -> QuerySet[CourseOverview]:
        courses = cls.objects.all()
        if course_keys is not None:
            courses = courses.filter(id__in=course_keys)
        if orgs:
            by_org = Q()
            for org in orgs:
                by_org |= Q(org__iexact=org)
            courses = courses.filter(by_org)
        if filter_:
            courses = courses.filter(**filter_)
        if active_only:
            courses = courses.filter(Q(end__isnull=True) | Q(end__gte=now()))
        return courses

    def is_enrollment_open(self) -> bool:
        """Inside the enrolment window, both ends excluded; a missing end is no limit."""
        at = now()
        opened = self.enrollment_start is None or self.enrollment_start < at
        return opened and (self.enrollment_end is None or at < self.enrollment_end)

    def has_started(self) -> bool:
        return self.start is None or self.start < now()

    def has_ended(self) -> bool:
        return self.end is not None and self.end < now()

    @property
    def display_name_with_default(self) -> str:
        return self.display_name or str(self.id.run or self.id)

    @property
    def display_org_with_default(self) -> str:
        return self.org

    @property
    def pacing(self) -> str:
        return "self" if self.self_paced else "instructor"


@receiver([post_save, post_delete], sender=CourseOverview)
def forget_cached_overview(sender: type[CourseOverview], **kwargs: Any) -> None:
    RequestCache(CACHE_NAMESPACE).clear()
