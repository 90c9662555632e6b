"""What a visitor sees of a course before opening it."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Iterable

from django.db.models import Count, Q
from opaque_keys.edx.keys import CourseKey

from common.djangoapps.course_modes.models import CourseMode
from common.djangoapps.student.models import CourseEnrollment
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

CURRENCY_SIGNS = {"gbp": "£", "eur": "€", "usd": "$"}


@dataclasses.dataclass(frozen=True)
class Card:
    course: CourseOverview
    price: str
    badges: list[str]
    hue: int

    @property
    def is_open(self) -> bool:
        return not {"By invitation", "Closed", "Full"} & set(self.badges)


def hue_of(course_key: CourseKey) -> int:
    """A colour of its own for each course, the same each time."""
    return zlib.crc32(str(course_key).encode()) % 360


def price_of(modes: Iterable[CourseMode]) -> str:
    """'Free', '£149', or 'Free · £49 verified' for a mixed course."""
    modes = list(modes)
    paid = [mode for mode in modes if mode.min_price > 0]
    if not paid:
        return "Free"
    cheapest = min(paid, key=lambda mode: mode.min_price)
    sign = CURRENCY_SIGNS.get(cheapest.currency)
    amount = (
        f"{sign}{cheapest.min_price}"
        if sign
        else (f"{cheapest.min_price} {cheapest.currency.upper()}")
    )
    if len(paid) < len(modes):
        return f"Free · {amount} {cheapest.mode_display_name.lower()}"
    return amount


def catalogue_cards(courses: Iterable[CourseOverview]) -> list[Card]:
    courses = list(courses)
    modes = _modes_by_course(courses)
    taken = _seats_taken(courses)
    return [
        Card(
            course=course,
            price=price_of(modes.get(course.id, [])),
            badges=badges_of(course, taken.get(course.id, 0)),
            hue=hue_of(course.id),
        )
        for course in courses
    ]


def badges_of(course: CourseOverview, taken: int) -> list[str]:
    badges = []
    if course.invitation_only:
        badges.append("By invitation")
    elif not course.is_enrollment_open():
        badges.append("Closed")
    limit = course.max_student_enrollments_allowed
    if limit is not None:
        left = max(0, limit - taken)
        if left == 0:
            badges.append("Full")
        elif left <= 5:
            badges.append("1 place left" if left == 1 else f"{left} places left")
    return badges


def _modes_by_course(courses: list[CourseOverview]) -> dict[CourseKey, list[CourseMode]]:
    found: dict[CourseKey, list[CourseMode]] = {}
    for mode in CourseMode.objects.filter(course__in=courses):
        found.setdefault(mode.course_id, []).append(mode)
    return found


def _seats_taken(courses: list[CourseOverview]) -> dict[CourseKey, int]:
    """Near enough for a badge: course staff count too. Enrolling asks the exact question."""
    limited = [course for course in courses if course.max_student_enrollments_allowed is not None]
    rows = (
        CourseEnrollment.objects.filter(course__in=limited)
        .order_by()
        .values("course_id")
        .annotate(taken=Count("id", filter=Q(is_active=True)))
    )
    return {row["course_id"]: row["taken"] for row in rows}
