"""The ways in which a course may be taken, and their prices."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_comma_separated_integer_list
from django.db import models
from django.db.models import Q
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils.timezone import now
from edx_django_utils.cache import RequestCache
from opaque_keys.edx.keys import CourseKey
from simple_history.models import HistoricalRecords

from common.djangoapps.course_modes.rules import ModeRules
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from openedx.core.lib.cache_utils import request_cached

CACHE_NAMESPACE = "course_modes.CourseMode.cache."

Mode = namedtuple(
    "Mode",
    "slug name min_price suggested_prices currency expiration_datetime description "
    "sku android_sku ios_sku bulk_sku",
)


class CourseMode(ModeRules, models.Model):
    """One way to take one course. Prices are whole units of a currency in lower case.

    .. no_pii:
    """

    course = models.ForeignKey(
        CourseOverview,
        db_constraint=False,
        related_name="modes",
        on_delete=models.DO_NOTHING,
    )
    mode_slug = models.CharField(max_length=100, verbose_name="Mode")
    mode_display_name = models.CharField(max_length=255, verbose_name="Display name")
    min_price = models.IntegerField(default=0, verbose_name="Price")
    currency = models.CharField(default="usd", max_length=8)
    _expiration_datetime = models.DateTimeField(
        default=None,
        null=True,
        blank=True,
        verbose_name="Upgrade deadline",
        db_column="expiration_datetime",
    )
    expiration_datetime_is_explicit = models.BooleanField(default=False)
    suggested_prices = models.CharField(
        max_length=255,
        blank=True,
        default="",
        validators=[validate_comma_separated_integer_list],
    )
    description = models.TextField(null=True, blank=True)
    sku = models.CharField(max_length=255, null=True, blank=True, verbose_name="SKU")
    android_sku = models.CharField(max_length=255, null=True, blank=True)
    ios_sku = models.CharField(max_length=255, null=True, blank=True)
    bulk_sku = models.CharField(max_length=255, null=True, blank=True, default=None)

    history = HistoricalRecords()

    DEFAULT_MODE = Mode(**settings.COURSE_MODE_DEFAULTS)
    DEFAULT_MODE_SLUG = settings.COURSE_MODE_DEFAULTS["slug"]
    CACHE_NAMESPACE = CACHE_NAMESPACE

    class Meta:
        app_label = "course_modes"
        unique_together = ("course", "mode_slug", "currency")

    def __str__(self) -> str:
        return f"{self.course_id} : {self.mode_slug}, min={self.min_price}"

    def clean(self) -> None:
        if self.is_professional_slug(self.mode_slug) and self.expiration_datetime is not None:
            raise ValidationError("A professional mode has no upgrade deadline.")
        config = settings.COURSE_ENROLLMENT_MODES.get(self.mode_slug, {})
        least = config.get("min_price", 0)
        if int(self.min_price) < least:
            raise ValidationError(f"The {self.mode_slug} mode costs at least {least}.")

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.clean()
        self.currency = self.currency.lower()
        super().save(*args, **kwargs)

    @property
    def slug(self) -> str:
        return self.mode_slug

    @property
    def expiration_datetime(self) -> Any:
        return self._expiration_datetime

    @expiration_datetime.setter
    def expiration_datetime(self, value: Any) -> None:
        if value is not None:
            self.expiration_datetime_is_explicit = True
        self._expiration_datetime = value

    @classmethod
    def get_default_mode_slug(cls) -> str:
        return cls.DEFAULT_MODE_SLUG

    @classmethod
    def paid_modes_for_course(cls, course_id: CourseKey) -> list[Mode]:
        """Modes with a price that have not expired."""
        found = cls.objects.filter(_unexpired(), course_id=course_id, min_price__gt=0)
        return [mode.to_tuple() for mode in found]

    @classmethod
    @request_cached(CACHE_NAMESPACE)
    def modes_for_course(
        cls,
        course_id: CourseKey | None = None,
        include_expired: bool = False,
        only_selectable: bool = True,
        course: CourseOverview | None = None,
    ) -> list[Mode]:
        """Unexpired modes without credit; the free default mode when the course has none at all."""
        if course_id is None and course is None:
            raise ValueError("One of course_id or course must not be None.")
        found = cls.objects.filter(course_id=course_id if course is None else course.id)
        if not include_expired:
            found = found.filter(_unexpired())
        if only_selectable:
            found = found.exclude(mode_slug__in=cls.CREDIT_MODES)
        return [mode.to_tuple() for mode in found] or [cls.DEFAULT_MODE]

    @classmethod
    def modes_for_course_dict(
        cls, course_id: CourseKey | None = None, modes: list[Mode] | None = None, **kwargs: Any
    ) -> dict[str, Mode]:
        if modes is None:
            modes = cls.modes_for_course(course_id, **kwargs)
        return {mode.slug: mode for mode in modes}

    @classmethod
    def mode_for_course(
        cls,
        course_id: CourseKey,
        mode_slug: str,
        modes: list[Mode] | None = None,
        include_expired: bool = False,
    ) -> Mode | None:
        if modes is None:
            modes = cls.modes_for_course(course_id, include_expired=include_expired)
        return next((mode for mode in modes if mode.slug == mode_slug), None)

    @classmethod
    def verified_mode_for_course(
        cls,
        course_id: CourseKey | None = None,
        modes: list[Mode] | None = None,
        include_expired: bool = False,
        course: CourseOverview | None = None,
    ) -> Mode | None:
        """The mode that goes through verification; professional before verified."""
        found = cls.modes_for_course_dict(
            course_id=course_id, modes=modes, include_expired=include_expired, course=course
        )
        return found.get(cls.PROFESSIONAL) or found.get(cls.VERIFIED)

    def to_tuple(self) -> Mode:
        return Mode(
            slug=self.mode_slug,
            name=self.mode_display_name,
            min_price=self.min_price,
            suggested_prices=self.suggested_prices,
            currency=self.currency,
            expiration_datetime=self.expiration_datetime,
            description=self.description,
            sku=self.sku,
            android_sku=self.android_sku,
            ios_sku=self.ios_sku,
            bulk_sku=self.bulk_sku,
        )


def _unexpired() -> Q:
    return Q(_expiration_datetime__isnull=True) | Q(_expiration_datetime__gte=now())


@receiver([post_save, post_delete], sender=CourseMode)
def forget_cached_modes(sender: type[CourseMode], **kwargs: Any) -> None:
    RequestCache(namespace=CACHE_NAMESPACE).clear()
