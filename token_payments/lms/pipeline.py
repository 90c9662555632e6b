"""Where the LMS asks us: steps of its filters (settings/common.py puts them there).

A step always returns a dict. Returning None would end the pipeline, for the steps of others too.
"""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from openedx_filters import PipelineStep
from openedx_filters.learning.filters import CourseEnrollmentStarted

from token_payments import conf
from token_payments.catalogue import queries as catalogue_queries
from token_payments.checkout import queries as checkout_queries
from token_payments.errors import ItemNotFound, NotOffered
from token_payments.hosts import host
from token_payments.presenters.payment_lines import describe, describe_course

TAB_ID = "token_payments"  # also the name of the Mako template that the LMS includes
MESSAGE = "enrollment_message"  # HTML, above the courses of the older dashboard
TAB_POSITION = 95  # between the LMS's cohorts and its bulk e-mail
SECTION_ROWS = 10  # payments that the older dashboard shows

log = logging.getLogger(__name__)


class RequireTokenPayment(PipelineStep):
    """The gate, a step of CourseEnrollmentStarted: self-service has to pay for paid items.

    Whatever goes wrong here prevents the enrolment. It is turned into the filter's own exception,
    the only one that a pipeline which fails silently doesn't swallow.
    """

    def run_filter(self, **kwargs: Any) -> dict[str, Any]:
        """Raises CourseEnrollmentStarted.PreventEnrollment with a text for the learner."""
        cause: Exception | None = None
        try:
            # the key may be written in a way that the LMS takes for another: with a branch or
            # version behind it, in capitals
            item_key = host.write_key(kwargs["course_key"]) if conf.is_enabled() else ""
            must_pay = item_key and checkout_queries.must_pay_first(
                kwargs["user"], item_key, kwargs["mode"]
            )
            refusal = _write_refusal(item_key) if must_pay else ""
        except Exception as error:
            log.exception("enrolment refused: whether it has to be paid for could not be told")
            refusal = _("Enrolment is not possible at the moment. Please try again later.")
            cause = error  # whoever asked may see that it was a deadlock
        if refusal:
            raise CourseEnrollmentStarted.PreventEnrollment(refusal) from cause
        return {}


class OfferTokenPayment(PipelineStep):
    """A step of CourseAboutRenderStarted: the older about page's Enrol button leads to checkout."""

    def run_filter(self, **kwargs: Any) -> dict[str, Any]:
        """Changes nothing for an item that isn't sold for tokens, nor when anything goes wrong."""
        try:
            # A savepoint: an error of the database mustn't break the page's transaction.
            with transaction.atomic():
                return _add_offer(kwargs["context"]) if conf.is_enabled() else {}
        except Exception:
            log.exception("the about page could not be led to checkout")
            return {}


class AddInstructorSection(PipelineStep):
    """A step of InstructorDashboardRenderStarted: the older dashboard's section of payments.

    For courses of the catalogue, and for those who may see their payments.
    """

    def run_filter(self, **kwargs: Any) -> dict[str, Any]:
        """Changes nothing for others, nor when anything goes wrong."""
        try:
            with transaction.atomic():
                return _add_section(kwargs["context"]) if conf.is_enabled() else {}
        except Exception:
            log.exception("the instructor dashboard could not be given its payments")
            return {}


class AddInstructorTab(PipelineStep):
    """A step of InstructorDashboardTabsRequested: the newer dashboard's tab, leading to our page.

    The filter is younger than Verawood's openedx-filters: there it is never run.
    """

    def run_filter(self, **kwargs: Any) -> dict[str, Any]:
        """Changes nothing for others, nor when anything goes wrong."""
        try:
            with transaction.atomic():
                return _add_tab(**kwargs) if conf.is_enabled() else {}
        except Exception:
            log.exception("the instructor dashboard could not be given its tab")
            return {}


class LinkToTokens(PipelineStep):
    """A step of DashboardRenderStarted: the older dashboard links to Manage My Tokens.

    By the message that it shows above the courses, behind what stands there already.
    """

    def run_filter(self, **kwargs: Any) -> dict[str, Any]:
        """Changes nothing while the plugin is off, nor when anything goes wrong."""
        try:
            return _add_link(kwargs["context"]) if conf.is_enabled() else {}
        except Exception:
            log.exception("the dashboard could not be given its link")
            return {}


def _write_refusal(item_key: str) -> str:
    """The text for a learner who has to pay first."""
    return _("This course has to be paid for. Pay and enrol here: %(url)s") % {
        "url": host.absolute_url(_get_checkout_path(item_key))
    }


def _add_offer(context: dict[str, Any]) -> dict[str, Any]:
    item_key = str(context["course"].id)
    try:
        offer = catalogue_queries.get_offer(item_key)
    except (ItemNotFound, NotOffered):
        return {}
    added = {
        "ecommerce_checkout": True,
        "ecommerce_checkout_link": _get_checkout_path(item_key),
        "single_paid_mode": offer.host_item.get_mode(offer.mode),
    }
    return {"context": {**context, **added}}


def _add_section(context: dict[str, Any]) -> dict[str, Any]:
    item_key = host.write_key(context["course"].id)
    found = _find_payments(host.find_requester(), item_key)
    if found is None:
        return {}
    rows = describe(checkout_queries.list_payments(found.item)[:SECTION_ROWS])
    body = render_to_string(
        "token_payments/course_payments/section.html", {**describe_course(found), "rows": rows}
    )
    section = {
        "section_key": TAB_ID,
        "section_display_name": _("Token payments"),
        "course_id": item_key,
        "template_path_prefix": "/instructor_dashboard/",
        "body": body,
    }
    return {"context": {**context, "sections": [*context.get("sections", ()), section]}}


def _add_link(context: dict[str, Any]) -> dict[str, Any]:
    link = format_html(
        '<p><a href="{}">{}</a></p>', reverse("token_payments:tokens"), _("Manage My Tokens")
    )
    message = context.get(MESSAGE) or ""
    return {"context": {**context, MESSAGE: mark_safe(f"{message}{link}")}}  # noqa: S308 (the LMS's own)


def _add_tab(*, tabs: list[dict[str, Any]], user: Any, course_key: Any) -> dict[str, Any]:
    item_key = host.write_key(course_key)
    if _find_payments(user, item_key) is None:
        return {}
    path = reverse("token_payments:course_payments", kwargs={"item_key": item_key})
    tab = {
        "tab_id": TAB_ID,
        "title": _("Token payments"),
        "url": host.absolute_url(path),
        "sort_order": TAB_POSITION,
    }
    return {"tabs": [*tabs, tab]}


def _find_payments(user: Any, item_key: str) -> checkout_queries.CoursePayments | None:
    if user is None or not host.may_manage(user, item_key):
        return None
    return checkout_queries.find_course_payments(item_key)


def _get_checkout_path(item_key: str) -> str:
    return reverse("token_payments:checkout", kwargs={"item_key": item_key})
