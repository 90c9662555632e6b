"""Courses of the LMS: looking them up, and what they cost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey

from token_payments.errors import ItemNotFound
from token_payments.hosts.base import HostItem, Mode


def parse_key(item_key: str) -> CourseKey:
    """Raises ItemNotFound for a text that is no course key."""
    try:
        return CourseKey.from_string(item_key)
    except InvalidKeyError as error:
        raise ItemNotFound(item_key) from error


def get_overview(item_key: str) -> Any:
    """The LMS's CourseOverview. Raises ItemNotFound, also for a key that is no key.

    A key must be written as the LMS writes it, since everything else is found by its text; the LMS
    itself finds courses by other texts, too (``write_key``).
    """
    from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

    try:
        overview = CourseOverview.get_from_id(parse_key(item_key))
    except CourseOverview.DoesNotExist as error:
        raise ItemNotFound(item_key) from error
    if str(overview.id) != item_key:
        raise ItemNotFound(item_key)
    return overview


def write_key(course_key: Any) -> str:
    """As the LMS has the course's key, whatever the letters' case, branch and version of this one.

    On MySQL and SQLite course keys are columns in which case (on MySQL accents, too) doesn't count.
    """
    from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

    plain = course_key.for_branch(None).version_agnostic()
    try:
        return str(CourseOverview.get_from_id(plain).id)
    except CourseOverview.DoesNotExist:
        return str(plain)


def get_item(item_key: str) -> HostItem:
    """Raises ItemNotFound."""
    from common.djangoapps.course_modes.models import CourseMode

    overview = get_overview(item_key)
    with_closed_ones = CourseMode.modes_for_course(
        overview.id, include_expired=True, only_selectable=False
    )
    own = {mode.slug for mode in with_closed_ones}
    modes = [
        Mode(mode.slug, str(mode.name), mode.min_price, mode.currency.upper())
        for mode in CourseMode.modes_for_course(overview.id)
        if mode.slug in own
    ]
    has_limit = overview.max_student_enrollments_allowed is not None
    path = f"/courses/{quote(str(overview.id), safe='/:+@')}"
    return HostItem(
        key=str(overview.id),
        title=overview.display_name_with_default,
        org=overview.org,
        modes=modes,
        paid_slugs=frozenset(mode.slug for mode in with_closed_ones if mode.min_price > 0),
        unnamed_modes=_list_unnamed_modes({mode.slug for mode in modes}),
        about_url=f"{path}/about",
        home_url=f"{path}/course/",
        starts=overview.start,
        ends=overview.end,
        invitation_only=is_invitation_only(overview),
        seats_left=_count_seats_left(overview) if has_limit else None,
        summary=overview.short_description or "",
        free_url="" if all(mode.price for mode in modes) else _get_free_url(overview.id),
    )


def search_items(text: str, *, limit: int = 20) -> list[tuple[str, str]]:
    from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

    matches = Q(display_name__icontains=text) | Q(id__icontains=text)
    found = CourseOverview.objects.filter(matches).order_by("display_name", "id")[:limit]
    return [(str(overview.id), overview.display_name_with_default) for overview in found]


def list_items_by_sku(skus: Iterable[str]) -> list[str]:
    from common.djangoapps.course_modes.models import CourseMode

    keys = CourseMode.objects.filter(sku__in=[sku for sku in skus if sku]).values_list("course_id")
    return sorted({str(key) for (key,) in keys})


def list_items_without_sku(item_keys: Iterable[str]) -> list[str]:
    """Those of these courses none of whose paid modes has a SKU."""
    from common.djangoapps.course_modes.models import CourseMode

    wanted = set(item_keys)
    paid = CourseMode.objects.filter(min_price__gt=0, sku__gt="")
    return sorted(wanted - {str(key) for (key,) in paid.values_list("course_id")})


def is_invitation_only(overview: Any) -> bool:
    """By itself, or since the LMS's COURSES_INVITE_ONLY makes every course so."""
    return bool(overview.invitation_only or getattr(settings, "COURSES_INVITE_ONLY", False))


def _get_free_url(course_key: CourseKey) -> str:
    """The LMS's page for choosing a mode, if it has one."""
    try:
        return reverse("course_modes_choose", kwargs={"course_id": str(course_key)})
    except NoReverseMatch:
        return ""


def _list_unnamed_modes(slugs: set[str]) -> frozenset[str]:
    """The default, and what else the LMS's enrolment API takes from learners.

    That API enrols without a mode, which is all that filters see, and then sets the one that the
    learner asked for.
    """
    from common.djangoapps.course_modes.models import CourseMode

    default = str(settings.COURSE_MODE_DEFAULTS["slug"])
    return frozenset(slugs & {default, CourseMode.AUDIT, CourseMode.HONOR} or {default})


def _count_seats_left(overview: Any) -> int:
    """Of a course that has a limit. The LMS doesn't count staff."""
    from common.djangoapps.student.models import CourseEnrollment

    limit = overview.max_student_enrollments_allowed
    taken: int = CourseEnrollment.objects.num_enrolled_in_exclude_admins(overview.id)
    return max(0, int(limit) - taken)
