"""The adapter to the Open edX LMS.

The LMS is imported inside functions only, so that the plugin can be imported where there is none.
Every name that is imported from it stands in ``symbols.py``; ``manage.py
token_payments_check_host`` compares that table with the LMS at hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from smtplib import SMTPServerDisconnected
from typing import Any, ClassVar
from urllib.parse import urljoin

from crum import get_current_request
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.http import Http404
from django.utils.crypto import constant_time_compare

from token_payments.errors import ItemNotFound, MailOutcomeUnknown
from token_payments.hosts import edxapp_bypasses as bypasses
from token_payments.hosts import edxapp_courses as courses
from token_payments.hosts import edxapp_enrolment as enrolment
from token_payments.hosts import edxapp_people as people
from token_payments.hosts import served
from token_payments.hosts.base import (
    Actor,
    Host,
    Mail,
    Placement,
    Unlinked,
    User,
)

#: The connection was lost: the server may have taken the mail without being able to say so.
BROKEN_OFF = (SMTPServerDisconnected, ConnectionResetError, BrokenPipeError, TimeoutError)


class EdxappHost(Host):
    """``about_url`` and ``home_url`` are paths of the LMS, which may redirect to its frontends."""

    name_relations: ClassVar[tuple[str, ...]] = ("profile",)
    name_fields: ClassVar[tuple[str, ...]] = ("first_name", "last_name", "profile__name")

    get_item = staticmethod(courses.get_item)
    write_key = staticmethod(courses.write_key)
    search_items = staticmethod(courses.search_items)
    list_items_by_sku = staticmethod(courses.list_items_by_sku)
    list_bypasses = staticmethod(bypasses.list_bypasses)
    list_items_without_modes = staticmethod(bypasses.list_items_without_modes)
    check_enrol = staticmethod(enrolment.check_enrol)
    enrol = staticmethod(enrolment.enrol)
    unenrol = staticmethod(enrolment.unenrol)
    get_enrolment = staticmethod(enrolment.get_enrolment)
    list_enrolments = staticmethod(enrolment.list_enrolments)
    is_invited = staticmethod(enrolment.is_invited)
    get_full_name = staticmethod(people.get_full_name)
    list_names = staticmethod(people.list_names)
    is_retired = staticmethod(people.is_retired)

    def find_unlinked(self, item_keys: Iterable[str]) -> Unlinked | None:
        """The LMS links to a checkout only with its ecommerce switch on, and for a mode's SKU."""
        from lms.djangoapps.commerce.models import CommerceConfiguration

        if not CommerceConfiguration.current().checkout_on_ecommerce_service:
            return Unlinked(is_off=True)
        missing = courses.list_items_without_sku(item_keys)
        return Unlinked(is_off=False, item_keys=missing) if missing else None

    def list_groups(self, item_key: str) -> list[str]:
        """The cohorts' names; none while the course doesn't use its cohorts."""
        from openedx.core.djangoapps.course_groups.cohorts import get_course_cohorts

        if not _uses_cohorts(item_key):
            return []
        cohorts = get_course_cohorts(course_id=courses.parse_key(item_key))
        return [cohort.name for cohort in cohorts]

    def place_in_group(self, user: User, item_key: str, group: str) -> Placement:
        """A learner is in one cohort of a course: placing moves them from another one."""
        from openedx.core.djangoapps.course_groups.cohorts import (
            add_user_to_cohort,
            get_cohort_by_name,
        )
        from openedx.core.djangoapps.course_groups.models import (
            CohortAssignmentNotAllowed,
            CohortChangeNotAllowed,
            CourseUserGroup,
        )

        if not _uses_cohorts(item_key):
            return Placement.MISSING
        try:
            cohort = get_cohort_by_name(courses.parse_key(item_key), group)
            _, previous, _ = add_user_to_cohort(cohort, user)
        except CourseUserGroup.DoesNotExist:
            return Placement.MISSING
        except ValueError:
            return Placement.ALREADY
        except (CohortAssignmentNotAllowed, CohortChangeNotAllowed):
            return Placement.REFUSED
        return Placement.MOVED if previous else Placement.PLACED

    def may_manage(self, user: User, item_key: str) -> bool:
        from common.djangoapps.student.roles import (
            CourseFinanceAdminRole,
            CourseInstructorRole,
            CourseSalesAdminRole,
            CourseStaffRole,
            GlobalStaff,
            OrgStaffRole,
        )

        if not user.is_active:
            return False
        if user.is_superuser or GlobalStaff().has_user(user):
            return True
        try:
            key = courses.parse_key(item_key)
        except ItemNotFound:
            return False
        candidates = (
            CourseSalesAdminRole(key),
            CourseFinanceAdminRole(key),
            CourseStaffRole(key),
            CourseInstructorRole(key),
            OrgStaffRole(str(key.org)),
        )
        return any(role.has_user(user) for role in candidates)

    def get_actor(self, learner: User, item_key: str) -> Actor:
        """A server is known by the LMS's API key, staff by who sent the request."""
        request = get_current_request()
        if request is None:
            return Actor.SYSTEM
        key = str(getattr(settings, "EDX_API_KEY", None) or "")
        if key and constant_time_compare(request.META.get("HTTP_X_EDX_API_KEY", ""), key):
            return Actor.SERVICE
        requester = getattr(request, "user", None)
        if requester is None or not requester.is_authenticated or requester == learner:
            return Actor.SELF_SERVICE
        return Actor.STAFF if self.may_manage(requester, item_key) else Actor.SELF_SERVICE

    def find_requester(self) -> User | None:
        user = getattr(get_current_request(), "user", None)
        return user if user is not None and user.is_authenticated else None

    def send_to(self, address: str, mail: Mail) -> None:
        """Raises what Django's backend raises.

        Connecting is a step of its own: only what fails after it leaves the outcome unknown.
        """
        sender = _read_site("email_from_address", settings.DEFAULT_FROM_EMAIL)
        connection = get_connection()
        message = EmailMultiAlternatives(
            mail.subject, mail.text, sender, [address], connection=connection
        )
        if mail.html:
            message.attach_alternative(mail.html, "text/html")
        for attachment in mail.attachments:
            message.attach(attachment.name, attachment.content, attachment.content_type)
        connection.open()
        try:
            message.send()
        except BROKEN_OFF as error:
            raise MailOutcomeUnknown from error
        finally:
            with suppress(OSError):  # the mail has left, whatever the server's goodbye is
                connection.close()

    def get_site_settings(self) -> Mapping[str, Any]:
        """``TOKEN_PAYMENTS`` of the LMS's site configuration."""
        found = _read_site("TOKEN_PAYMENTS", {})
        return found if isinstance(found, Mapping) else {}

    def absolute_url(self, path: str) -> str:
        return urljoin(str(_read_site("LMS_ROOT_URL", settings.LMS_ROOT_URL)), path)


def _read_site(name: str, default: Any) -> Any:
    """The site's own value, else the LMS's ``default``; a blank one counts as none.

    Of the request's site; without a request, of which the LMS itself knows no site, of the one that
    has the course's organisation.
    """
    from openedx.core.djangoapps.site_configuration.helpers import get_value, get_value_for_org

    subject = served.get() if get_current_request() is None else None
    if subject and subject.item_key:
        value = get_value_for_org(str(courses.parse_key(subject.item_key).org), name, default)
    elif subject and subject.user_id is not None:
        value = people.read_home_site(subject.user_id, name, default)
    else:
        value = get_value(name, default)
    return value or default


def _uses_cohorts(item_key: str) -> bool:
    from openedx.core.djangoapps.course_groups.cohorts import is_course_cohorted

    try:
        return bool(is_course_cohorted(courses.parse_key(item_key)))
    except (Http404, ItemNotFound):
        return False
