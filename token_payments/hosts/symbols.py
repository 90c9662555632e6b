"""The names of the LMS that the plugin uses, and whether the LMS at hand has them.

The table is held against the code by a test: whatever ``edxapp*.py``, ``pipeline.py`` and
``receivers.py`` import or call is in it, and nothing else.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from importlib import import_module
from typing import Any


class HostOutcome(StrEnum):
    AGREES = "OK"
    DIFFERS = "differs"
    MISSING = "missing"
    NOT_CHECKABLE = "can't be told"


@dataclass(frozen=True)
class HostVerdict:
    """``detail`` says how the LMS differs, or why it can't be told; ``advice`` what to do then."""

    fact: str
    outcome: HostOutcome
    detail: str = ""
    advice: str = ""

    @property
    def is_failure(self) -> bool:
        return self.outcome in (HostOutcome.DIFFERS, HostOutcome.MISSING)


@dataclass(frozen=True)
class Symbol:
    """``calls`` are made as written: arguments by position, then those by name (``mode=``).

    ``has`` are the columns, properties and methods that are used of what it makes.
    """

    module: str
    name: str
    calls: tuple[str, ...] = ()
    has: tuple[str, ...] = ()


def check_symbols(symbols: Iterable[Symbol]) -> list[HostVerdict]:
    """A verdict on each, in the same order; imports what they name."""
    return [_check_one(symbol) for symbol in symbols]


def _check_one(symbol: Symbol) -> HostVerdict:
    fact = f"{symbol.module}:{symbol.name}"
    try:
        found: Any = reduce(getattr, symbol.name.split("."), import_module(symbol.module))
    except (ImportError, AttributeError) as error:
        return HostVerdict(fact, HostOutcome.MISSING, str(error))
    detail = _find_difference(symbol, found)
    return HostVerdict(fact, HostOutcome.DIFFERS if detail else HostOutcome.AGREES, detail)


def _find_difference(symbol: Symbol, found: Any) -> str:
    if missing := [name for name in symbol.has if not hasattr(found, name)]:
        return f"it has no {', '.join(missing)}"
    if not symbol.calls:
        return ""
    try:
        signature = inspect.signature(found)
    except (TypeError, ValueError) as error:
        return f"it can't be called: {error}"
    return next(filter(None, (_try_call(call, signature) for call in symbol.calls)), "")


def _try_call(call: str, signature: inspect.Signature) -> str:
    """Each argument is given its own name, which shows where it arrives."""
    given = call.replace(",", " ").split()
    by_position = [name for name in given if not name.endswith("=")]
    by_name = [name.removesuffix("=") for name in given if name.endswith("=")]
    try:
        bound = signature.bind(*by_position, **{name: name for name in by_name})
    except TypeError as error:
        return f"{error}; it takes {signature}"
    for name, value in bound.arguments.items():
        if isinstance(value, str) and name != value:
            return f"{value} stands elsewhere; it takes {signature}"
    return ""


COHORTS = "openedx.core.djangoapps.course_groups.cohorts"
ENROLMENTS = "openedx.core.djangoapps.enrollments"
FILTERS = "openedx_filters.learning.filters"
GROUPS = "openedx.core.djangoapps.course_groups.models"
MODES = "common.djangoapps.course_modes.models"
OVERVIEWS = "openedx.core.djangoapps.content.course_overviews.models"
ROLES = "common.djangoapps.student.roles"
SITES = "openedx.core.djangoapps.site_configuration"
STUDENT = "common.djangoapps.student.models"
USERS = "openedx.core.djangoapps.user_api"

SYMBOLS = (
    Symbol(
        STUDENT,
        "CourseEnrollment",
        has=("user", "user_id", "course_id", "is_active", "mode", "created"),
    ),
    Symbol(STUDENT, "CourseEnrollment.enroll", ("user, course_key, mode=, check_access=",)),
    Symbol(STUDENT, "CourseEnrollment.unenroll", ("user, course_id, skip_refund=",)),
    Symbol(STUDENT, "CourseEnrollment.is_enrollment_closed", ("user, course",)),
    Symbol(STUDENT, "CourseEnrollment.objects.is_course_full", ("course",)),
    Symbol(STUDENT, "CourseEnrollment.objects.num_enrolled_in_exclude_admins", ("course_id",)),
    Symbol(STUDENT, "CourseEnrollmentAllowed", has=("course_id",)),
    Symbol(STUDENT, "CourseEnrollmentAllowed.for_user", ("user",)),
    Symbol(STUDENT, "CourseEnrollmentAttribute", has=("enrollment", "namespace", "name", "value")),
    Symbol(STUDENT, "UserAttribute", has=("user_id", "name", "value")),
    Symbol(STUDENT, "AlreadyEnrolledError"),
    Symbol(STUDENT, "CourseFullError"),
    Symbol(STUDENT, "EnrollmentClosedError"),
    Symbol(STUDENT, "EnrollmentNotAllowed"),
    Symbol(STUDENT, "NonExistentCourseError"),
    Symbol(STUDENT, "UnenrollmentNotAllowed"),
    Symbol(ROLES, "CourseFinanceAdminRole", ("course_key",), ("has_user",)),
    Symbol(ROLES, "CourseInstructorRole", ("course_key",), ("has_user",)),
    Symbol(ROLES, "CourseSalesAdminRole", ("course_key",), ("has_user",)),
    Symbol(ROLES, "CourseStaffRole", ("course_key",), ("has_user",)),
    Symbol(ROLES, "GlobalStaff", ("",), ("has_user",)),
    Symbol(ROLES, "OrgStaffRole", ("org",), ("has_user",)),
    Symbol(MODES, "CourseMode", has=("course_id", "min_price", "sku")),
    Symbol(MODES, "CourseMode.AUDIT"),
    Symbol(MODES, "CourseMode.HONOR"),
    Symbol(MODES, "CourseMode.mode_for_course", ("course_id, mode_slug, include_expired=",)),
    Symbol(
        MODES,
        "CourseMode.modes_for_course",
        ("course_id", "course_id, include_expired=, only_selectable="),
    ),
    Symbol(
        OVERVIEWS,
        "CourseOverview",
        has=(
            *("id", "org", "display_name", "display_name_with_default", "short_description"),
            *("start", "end", "invitation_only", "max_student_enrollments_allowed"),
        ),
    ),
    Symbol(OVERVIEWS, "CourseOverview.get_from_id", ("course_id",)),
    Symbol(COHORTS, "add_user_to_cohort", ("cohort, username_or_email_or_user",)),
    Symbol(COHORTS, "get_cohort_by_name", ("course_key, name",)),
    Symbol(COHORTS, "get_course_cohorts", ("course_id=",)),
    Symbol(COHORTS, "is_course_cohorted", ("course_key",)),
    Symbol(GROUPS, "CohortAssignmentNotAllowed"),
    Symbol(GROUPS, "CohortChangeNotAllowed"),
    Symbol(GROUPS, "CourseUserGroup", has=("name",)),
    Symbol(
        f"{ENROLMENTS}.api", "update_enrollment", ("username, course_id, mode=, include_expired=",)
    ),
    Symbol(f"{ENROLMENTS}.errors", "CourseModeNotFoundError"),
    Symbol(
        "openedx.core.djangoapps.embargo.api",
        "redirect_if_blocked",
        ("request, course_key, user=",),
    ),
    Symbol(f"{SITES}.helpers", "get_value", ("val_name, default",)),
    Symbol(f"{SITES}.helpers", "get_value_for_org", ("org, val_name, default",)),
    Symbol(f"{SITES}.models", "SiteConfiguration", has=("enabled", "site", "get_value")),
    Symbol(f"{USERS}.accounts.signals", "USER_RETIRE_LMS_CRITICAL"),
    Symbol(f"{USERS}.accounts.signals", "USER_RETIRE_LMS_MISC"),
    Symbol(f"{USERS}.accounts.signals", "USER_RETIRE_MAILINGS"),
    Symbol(f"{USERS}.models", "UserRetirementRequest"),
    Symbol(f"{USERS}.models", "UserRetirementRequest.has_user_requested_retirement", ("user",)),
    Symbol(
        f"{USERS}.models",
        "UserRetirementStatus",
        has=("user", "original_username", "original_email", "original_name"),
    ),
    Symbol(
        "lms.djangoapps.commerce.models",
        "CommerceConfiguration",
        has=("checkout_on_ecommerce_service",),
    ),
    Symbol("lms.djangoapps.commerce.models", "CommerceConfiguration.current", ("",)),
    Symbol("openedx_filters", "PipelineStep"),
    Symbol(FILTERS, "CourseEnrollmentStarted"),
    Symbol(FILTERS, "CourseEnrollmentStarted.PreventEnrollment", ("message",)),
)
