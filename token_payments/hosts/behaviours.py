"""What a program can see of how the LMS behaves, without changing anything.

Each probe runs in a transaction that is rolled back. What only an enrolment, a mail or a task could
show isn't tried; of some of it the LMS's source tells, which is read then.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from opaque_keys.edx.keys import CourseKey

from token_payments.hosts.contract import Outcome, Verdict
from token_payments.hosts.contract_probes import NotCheckable

NO_COURSE = "course-v1:TokenPayments+NoSuchCourse+Probe"
NO_ORGANISATION = "TokenPaymentsNoSuchOrganisation"
CRUM = "CurrentRequestUserMiddleware"
MODES = "common.djangoapps.course_modes.models"
STUDENT = "common.djangoapps.student.models"
ENROLMENTS = "openedx.core.djangoapps.enrollments"
SITES = "openedx.core.djangoapps.site_configuration.helpers"


@dataclass(frozen=True)
class Behaviour:
    """``probe`` says how it differs, nothing when it doesn't. Raises NotCheckable.

    ``advice`` is what an operator can do about a difference. What is ``needed`` fails the command.
    """

    name: str
    probe: Callable[[], str]
    advice: str = ""
    needed: bool = True


def try_out(behaviours: Sequence[Behaviour]) -> list[Verdict]:
    return [_try_one(behaviour) for behaviour in behaviours]


def _try_one(behaviour: Behaviour) -> Verdict:
    """Whatever a probe raises is a difference: the plugin would meet it as well."""
    outcome, detail = Outcome.AGREES, ""
    try:
        with transaction.atomic():
            detail = behaviour.probe()
            transaction.set_rollback(True)
        outcome = Outcome.DIFFERS if detail else Outcome.AGREES
    except NotCheckable as reason:
        outcome, detail = Outcome.NOT_CHECKABLE, str(reason)
    except Exception as error:  # noqa: BLE001 (it is told)
        outcome, detail = Outcome.DIFFERS, f"{type(error).__name__}: {error}"
    advice = behaviour.advice if outcome is Outcome.DIFFERS else ""
    return Verdict(behaviour.name, behaviour.needed, outcome, detail, advice)


def probe_course_without_modes() -> str:
    mode_class = _find(MODES, "CourseMode")
    found = mode_class.modes_for_course(CourseKey.from_string(NO_COURSE))
    slugs = [(mode.slug, mode.min_price) for mode in found]
    expected = [(settings.COURSE_MODE_DEFAULTS["slug"], 0)]
    return "" if slugs == expected else f"it has {slugs}, not {expected}"


def probe_unknown_course() -> str:
    overview = _find("openedx.core.djangoapps.content.course_overviews.models", "CourseOverview")
    try:
        overview.get_from_id(CourseKey.from_string(NO_COURSE))
    except overview.DoesNotExist:
        return ""
    return "a course was found under a key that there isn't"


def probe_enrolment_permission() -> str:
    """Of any course and somebody who isn't staff: whatever the answer, it must be one."""
    overview = _find("openedx.core.djangoapps.content.course_overviews.models", "CourseOverview")
    course, learner = overview.objects.first(), find_learner()
    if course is None:
        raise NotCheckable("there is no course yet")
    answer = _find(STUDENT, "CourseEnrollment").is_enrollment_closed(learner, course)
    return "" if isinstance(answer, bool) else f"the answer is {answer!r}"


def probe_profiles() -> str:
    learner = find_learner()
    return "" if isinstance(learner.profile.name, str) else "the profile has no name"


def probe_retirement() -> str:
    requests = _find("openedx.core.djangoapps.user_api.models", "UserRetirementRequest")
    answer = requests.has_user_requested_retirement(find_learner())
    return "" if answer in (True, False) else f"the answer is {answer!r}"


def probe_site_values() -> str:
    default = object()
    name = "TOKEN_PAYMENTS_NO_SUCH_VALUE"
    if _find(SITES, "get_value")(name, default) is not default:
        return "get_value doesn't answer with the default"
    found = _find(SITES, "get_value_for_org")(NO_ORGANISATION, name, default)
    return "" if found is default else "get_value_for_org doesn't answer with the default"


def probe_roles() -> str:
    """Somebody without a role isn't taken for staff of a course that there isn't."""
    role = _find("common.djangoapps.student.roles", "CourseStaffRole")
    if role(CourseKey.from_string(NO_COURSE)).has_user(find_learner()):
        return "everybody is staff of every course"
    return ""


def probe_requests_are_known() -> str:
    if any(path.endswith(CRUM) for path in settings.MIDDLEWARE):
        return ""
    return f"{CRUM} isn't in MIDDLEWARE: staff who enrol learners would be taken for learners"


def probe_transactions() -> str:
    is_atomic = settings.DATABASES["default"].get("ATOMIC_REQUESTS")
    return "" if is_atomic else "ATOMIC_REQUESTS is off"


def probe_enrol_asks_first() -> str:
    source = _read_source(_find(STUDENT, "CourseEnrollment.enroll"))
    asks = source.find("CourseEnrollmentStarted.run_filter")
    if asks < 0:
        return "CourseEnrollment.enroll doesn't ask the filter"
    if "EnrollmentNotAllowed" not in source:
        return "a refusal doesn't become EnrollmentNotAllowed"
    enrols = source.find("get_or_create_enrollment")
    return "" if enrols < 0 or asks < enrols else "the filter is asked after the enrolment"


def probe_refusals_are_answered() -> str:
    """The pages and APIs by which learners enrol themselves catch a refusal."""
    modules = (
        "common.djangoapps.student.views.management",
        f"{ENROLMENTS}.views",
    )
    silent = [name for name in modules if "EnrollmentNotAllowed" not in _read_module(name)]
    return f"{', '.join(silent)}: a refusal isn't caught" if silent else ""


def probe_baskets_answer() -> str:
    try:
        source = _read_module("lms.djangoapps.commerce.api.v0.views")
    except ImportError as error:
        raise NotCheckable("this LMS has no baskets API") from error
    return "" if "EnrollmentNotAllowed" in source else "a refusal isn't caught: an error page"


def probe_mode_is_hidden() -> str:
    """The gate judges enrolments without a mode by every mode that may come of them."""
    source = _read_source(_find(f"{ENROLMENTS}.data", "create_course_enrollment"))
    call = source.partition("CourseEnrollment.enroll(")[2].partition(")")[0]
    if not call:
        raise NotCheckable("the call of CourseEnrollment.enroll isn't found in the source")
    return "it names the mode now: nothing is wrong" if "mode" in call else ""


def probe_events_leave_at_once() -> str:
    raise NotCheckable("only an enrolment would show it")


def probe_mails() -> str:
    raise NotCheckable(f"mails go by {settings.EMAIL_BACKEND}; only a mail would show it")


def find_learner() -> Any:
    """Somebody active who isn't staff. Raises NotCheckable."""
    users = get_user_model()._default_manager
    learner = users.filter(is_active=True, is_staff=False, is_superuser=False).last()
    if learner is None:
        raise NotCheckable("there is no user yet who isn't staff")
    return learner


def _find(module: str, symbol: str) -> Any:
    found: Any = import_module(module)
    for name in symbol.split("."):
        found = getattr(found, name)
    return found


def _read_source(found: Any) -> str:
    try:
        return inspect.getsource(found)
    except (OSError, TypeError) as error:
        raise NotCheckable(f"its source can't be read: {error}") from error


def _read_module(name: str) -> str:
    return _read_source(import_module(name))


BEHAVIOURS: Sequence[Behaviour] = (
    Behaviour(
        "a course without modes is free to the LMS",
        probe_course_without_modes,
        "Compare COURSE_MODE_DEFAULTS; see W009 of the system check.",
        needed=False,
    ),
    Behaviour("an unknown course is not found", probe_unknown_course),
    Behaviour("it can be asked who may enrol", probe_enrolment_permission),
    Behaviour("users have profiles with names", probe_profiles, "Enrolments fail without one."),
    Behaviour("it can be asked who is leaving for good", probe_retirement),
    Behaviour("site configuration can be read", probe_site_values),
    Behaviour("roles can be asked for", probe_roles),
    Behaviour(
        "it is known who sent a request",
        probe_requests_are_known,
        'Put "crum.CurrentRequestUserMiddleware" back into MIDDLEWARE.',
    ),
    Behaviour(
        "a request is one transaction",
        probe_transactions,
        'Set DATABASES["default"]["ATOMIC_REQUESTS"] to True.',
        needed=False,
    ),
    Behaviour(
        "enrolling asks the filter first, by the source",
        probe_enrol_asks_first,
        "Don't sell courses on this release before a newer version of the plugin knows it.",
    ),
    Behaviour(
        "pages and APIs tell learners of a refusal, by the source",
        probe_refusals_are_answered,
        "Learners are kept out, but by an error page: lead them to our checkout.",
        needed=False,
    ),
    Behaviour(
        "the baskets API tells learners of a refusal, by the source",
        probe_baskets_answer,
        "Learners are kept out, but by an error page; nothing has to be done.",
        needed=False,
    ),
    Behaviour(
        "the enrolment API hides the mode from filters, by the source",
        probe_mode_is_hidden,
        needed=False,
    ),
    Behaviour("events of enrolments leave before the commit", probe_events_leave_at_once),
    Behaviour("mails leave", probe_mails, needed=False),
)
