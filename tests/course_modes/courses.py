"""The courses, and the states of a course, in which every road is walked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone
from edx_django_utils.cache import RequestCache

from tests import factories

KEY = "course-v1:Acme+Fire+2026"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Course:
    """A course that has to be paid for: ``sold`` is the mode that paying learners get.

    ``closed`` modes had an upgrade deadline, ``deleted`` ones were there when it was put on sale.
    """

    title: str
    modes: Mapping[str, int]
    sold: str
    currency: str = "gbp"
    closed: frozenset[str] = frozenset()
    deleted: frozenset[str] = frozenset()
    item: Mapping[str, Any] = field(default_factory=dict)

    def make(self) -> Any:
        """The catalogue item of the course, as long as its modes are open."""
        factories.make_course(
            KEY, modes=self.modes, currency=self.currency, start=timezone.now() - DAY
        )
        return factories.make_item(KEY, **self.item)

    def close(self, **overview: Any) -> None:
        """What has become of it since: its modes, and fields of the course."""
        from common.djangoapps.course_modes.models import CourseMode
        from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

        own = CourseMode.objects.filter(course_id=factories.key(KEY))
        own.filter(mode_slug__in=self.closed).update(_expiration_datetime=timezone.now() - DAY)
        own.filter(mode_slug__in=self.deleted).delete()
        CourseOverview.objects.filter(id=factories.key(KEY)).update(**overview)
        RequestCache.clear_all_namespaces()


MIXED: Mapping[str, int] = {"audit": 0, "verified": 149}

COURSES = {
    "verified": Course("Verified alone", {"verified": 149}, "verified"),
    "professional": Course("Professional", {"professional": 149}, "professional"),
    "no_id": Course(
        "Professional without an identity check", {"no-id-professional": 149}, "no-id-professional"
    ),
    "white_label": Course("Honor with a price, alone", {"honor": 149}, "honor"),
    "audit_too": Course("Verified, and audit free of charge", MIXED, "verified"),
    "honor_too": Course(
        "Verified, and honor free of charge", {"honor": 0, "verified": 149}, "verified"
    ),
    "paid_honor": Course(
        "Honor with a price, and audit free of charge", {"audit": 0, "honor": 50}, "honor"
    ),
    "two_paid": Course(
        "Professional and verified; verified is sold",
        {"professional": 199, "verified": 149},
        "verified",
        item={"course_mode": "verified"},
    ),
    "currency": Course(
        "Verified in a currency that isn't the LMS's", {"verified": 9800}, "verified", "jpy"
    ),
    "sold_audit": Course(
        "Audit, free in the LMS, with a price in the catalogue",
        {"audit": 0},
        "audit",
        item={"price": 99, "course_mode": "audit"},
    ),
    "closed_too": Course(
        "Verified after its upgrade deadline, and audit free of charge",
        MIXED,
        "verified",
        closed=frozenset({"verified"}),
    ),
    "closed": Course(
        "Verified alone, after its upgrade deadline",
        {"verified": 149},
        "verified",
        closed=frozenset({"verified"}),
    ),
    "deleted": Course(
        "Its modes were deleted in the LMS",
        {"verified": 149},
        "verified",
        deleted=frozenset({"verified"}),
    ),
}


@dataclass(frozen=True)
class State:
    """What else is so: fields of the course, moments as days from now, and what is done to it."""

    title: str
    days: Mapping[str, int] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    prepare: Callable[[Any], None] | None = None

    def list_fields(self) -> dict[str, Any]:
        """Of the course."""
        return {**self.fields, **{name: timezone.now() + n * DAY for name, n in self.days.items()}}


def invite(learner: Any) -> None:
    from common.djangoapps.student.models import CourseEnrollmentAllowed

    CourseEnrollmentAllowed.objects.create(email=learner.email, course_id=factories.key(KEY))


def invite_for_another(learner: Any) -> None:
    """Somebody who had this address before has used the invitation."""
    from common.djangoapps.student.models import CourseEnrollmentAllowed

    invite(learner)
    CourseEnrollmentAllowed.objects.update(user=factories.make_user("another"))


def embargo(learner: Any) -> None:
    from openedx.core.djangoapps.embargo.models import CountryAccessRule, RestrictedCourse

    restricted = RestrictedCourse.objects.create(course_key=factories.key(KEY))
    CountryAccessRule.objects.create(
        restricted_course=restricted, country="FR", rule_type="blacklist"
    )
    learner.profile.country = "FR"
    learner.profile.save()


STATES = {
    "open": State("Open"),
    "not_started": State("The course starts later", days={"start": 1}),
    "ended": State("The course has ended", days={"start": -9, "end": -1}),
    "not_yet": State("Enrolment begins later", days={"enrollment_start": 1}),
    "closed": State("Enrolment has ended", days={"enrollment_end": -1}),
    "invitation": State("By invitation only", fields={"invitation_only": True}),
    "site_invitation": State(
        "The LMS has every course by invitation only", settings={"COURSES_INVITE_ONLY": True}
    ),
    "invited": State(
        "By invitation only, and the learner is invited",
        fields={"invitation_only": True},
        prepare=invite,
    ),
    "invited_late": State(
        "Enrolment has ended, and the learner is invited",
        days={"enrollment_end": -1},
        prepare=invite,
    ),
    "invited_once": State(
        "Another person has used the learner's invitation", prepare=invite_for_another
    ),
    "full": State("No seat is left", fields={"max_student_enrollments_allowed": 0}),
    "embargo": State("Embargoed for the learner's country", prepare=embargo),
}
