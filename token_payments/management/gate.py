"""Whether the gate refuses, tried out in a transaction that is rolled back."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from crum import get_current_request, set_current_request
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import RequestFactory
from django.urls import reverse
from opaque_keys.edx.keys import CourseKey
from openedx_filters.learning.filters import CourseEnrollmentStarted

from token_payments import conf
from token_payments.catalogue import queries as catalogue_queries
from token_payments.checkout import queries as checkout_queries
from token_payments.errors import ItemNotFound
from token_payments.hosts import host
from token_payments.hosts.symbols import HostOutcome, HostVerdict
from token_payments.settings.common import ENROLMENT_FILTER, GATE_STEP, read_filter_config

NAME = "the gate refuses a learner who hasn't paid"
ADVICE = "Learners may be joining unpaid. Take courses off sale until this is OK."


class GateNotCheckable(Exception):
    """The text says what is missing to try it out."""


def check_gate() -> HostVerdict:
    """Whatever the probe raises is a difference: a learner would meet it as well."""
    try:
        with transaction.atomic():
            detail = probe_gate()
            transaction.set_rollback(True)
    except GateNotCheckable as reason:
        return HostVerdict(NAME, HostOutcome.NOT_CHECKABLE, str(reason))
    except Exception as error:  # noqa: BLE001 (it is told)
        detail = f"{type(error).__name__}: {error}"
    if not detail:
        return HostVerdict(NAME, HostOutcome.AGREES)
    return HostVerdict(NAME, HostOutcome.DIFFERS, detail, ADVICE)


def probe_gate() -> str:
    """Run the filter as for a learner who joins a course on sale. Raises GateNotCheckable."""
    if not conf.is_enabled():
        raise GateNotCheckable("TOKEN_PAYMENTS_ENABLED is off")
    if obstacle := _find_obstacle():
        return obstacle
    learner = _get_learner()
    for item in catalogue_queries.list_sold_items():
        with _request_of(learner):
            paid_modes = _list_paid_modes(item.item_key)
            must_pay = partial(checkout_queries.must_pay_first, learner, item.item_key)
            if any(map(must_pay, paid_modes)):
                return _run_filter(learner, CourseKey.from_string(item.item_key), paid_modes[0])
    raise GateNotCheckable("no course is on sale that the newest learner would have to pay for")


def _find_obstacle() -> str:
    """The system check's word on the pipeline, too: without the gate nothing can be tried."""
    config = read_filter_config(
        getattr(settings, "OPEN_EDX_FILTERS_CONFIG", None) or {}, ENROLMENT_FILTER
    )
    if config["pipeline"][:1] != [GATE_STEP]:
        return f"the pipeline is {config['pipeline']}"
    return "the pipeline fails silently" if config.get("fail_silently", True) else ""


def _get_learner() -> Any:
    """Somebody active who isn't staff. Raises GateNotCheckable."""
    users = get_user_model()._default_manager
    learner = users.filter(is_active=True, is_staff=False, is_superuser=False).last()
    if learner is None:
        raise GateNotCheckable("there is no user yet who isn't staff")
    return learner


def _run_filter(learner: Any, key: CourseKey, mode: str) -> str:
    """Filters log what they prevent with a traceback, which would only startle here."""
    logging.disable(logging.CRITICAL)
    try:
        CourseEnrollmentStarted.run_filter(user=learner, course_key=key, mode=mode)
    except CourseEnrollmentStarted.PreventEnrollment as refusal:
        path = reverse("token_payments:checkout", kwargs={"item_key": str(key)})
        return "" if path in str(refusal) else f"it refuses everybody: {refusal}"
    finally:
        logging.disable(logging.NOTSET)
    return f"{learner.pk} would have joined {key} without paying"


def _list_paid_modes(item_key: str) -> list[str]:
    try:
        return [mode.slug for mode in host.get_item(item_key).paid_modes]
    except ItemNotFound:
        return []


@contextmanager
def _request_of(learner: Any) -> Iterator[None]:
    before = get_current_request()
    request = RequestFactory().get("/")
    request.user = learner
    set_current_request(request)
    try:
        yield
    finally:
        set_current_request(before)
