"""How the plugin sits in the LMS that runs: what a program can see of it, changing nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from celery import current_app
from crum import get_current_request, set_current_request
from django.conf import settings
from django.dispatch import Signal
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.test import RequestFactory
from django.urls import resolve, reverse
from django.utils.module_loading import import_string
from opaque_keys.edx.keys import CourseKey
from openedx_filters import PipelineStep
from openedx_filters.learning.filters import CourseEnrollmentStarted

from token_payments import conf
from token_payments.catalogue import queries as catalogue_queries
from token_payments.checkout import queries as checkout_queries
from token_payments.errors import ItemNotFound
from token_payments.hosts import get_host
from token_payments.hosts.behaviours import NO_COURSE, Behaviour, find_learner
from token_payments.hosts.contract_probes import NotCheckable
from token_payments.settings.common import (
    ADDITIONS,
    ENROLMENT_FILTER,
    GATE_STEP,
    MAKO_TEMPLATES,
    add_schedule,
    read_filter_config,
)

ADDRESSES: dict[str, dict[str, str]] = {
    "token_payments:tokens": {},
    "token_payments:checkout": {"item_key": NO_COURSE},
    "token_payments:v1:order-list": {},
}
LEAVING = "openedx_events.learning.signals.COURSE_UNENROLLMENT_COMPLETED"
RETIRING = "openedx.core.djangoapps.user_api.accounts.signals"
RECEIVERS = {
    LEAVING: "token_payments.lms.receivers.on_unenrolment",
    f"{RETIRING}.USER_RETIRE_LMS_MISC": "token_payments.misc",
    f"{RETIRING}.USER_RETIRE_MAILINGS": "token_payments.mailings",
    f"{RETIRING}.USER_RETIRE_LMS_CRITICAL": "token_payments.critical",
}


def probe_gate_stands() -> str:
    config = read_filter_config(
        getattr(settings, "OPEN_EDX_FILTERS_CONFIG", None) or {}, ENROLMENT_FILTER
    )
    if config["pipeline"][:1] != [GATE_STEP]:
        return f"the pipeline is {config['pipeline']}"
    if config.get("fail_silently", True):
        return "the pipeline fails silently"
    step = import_string(GATE_STEP)
    return "" if issubclass(step, PipelineStep) else f"{GATE_STEP} is no PipelineStep"


def probe_gate_refuses() -> str:
    """The filter is run as for a learner who joins a course on sale, up to the refusal."""
    if not conf.is_enabled():
        raise NotCheckable("TOKEN_PAYMENTS_ENABLED is off")
    if obstacle := probe_gate_stands():
        return obstacle
    learner = find_learner()
    for item in catalogue_queries.list_sold_items():
        with _request_of(learner):
            host_modes = _list_paid_modes(item.item_key)
            if not any(
                checkout_queries.must_pay_first(learner, item.item_key, mode) for mode in host_modes
            ):
                continue
            key = CourseKey.from_string(item.item_key)
            return _run_filter(learner, key, host_modes[0])
    raise NotCheckable("no course is on sale that the newest learner would have to pay for")


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
        return [mode.slug for mode in get_host().get_item(item_key).paid_modes]
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


def probe_additions() -> str:
    config = getattr(settings, "OPEN_EDX_FILTERS_CONFIG", None) or {}
    missing = [
        step
        for filter_type, step in ADDITIONS.items()
        if step not in read_filter_config(config, filter_type)["pipeline"]
    ]
    return f"not in OPEN_EDX_FILTERS_CONFIG: {', '.join(missing)}" if missing else ""


def probe_addresses() -> str:
    """Ours come last in the LMS's list: one of its own could hide them."""
    hidden = []
    for name, kwargs in ADDRESSES.items():
        path = reverse(name, kwargs=kwargs)
        module = getattr(resolve(path).func, "__module__", "")
        if not module.startswith("token_payments."):
            hidden.append(f"{path} leads to {module}")
    return "; ".join(hidden)


def probe_receivers() -> str:
    deaf = [path for path, uid in RECEIVERS.items() if uid not in _list_receivers(path)]
    return f"nothing of ours listens to {', '.join(deaf)}" if deaf else ""


def _list_receivers(path: str) -> set[str]:
    """What identifies them: the id that they were connected with."""
    signal: Signal = import_string(path)
    return {str(entry[0][0]) for entry in signal.receivers}


def probe_tasks() -> str:
    current_app.loader.import_default_modules()
    wanted = {entry["task"] for entry in add_schedule({}).values()}
    missing = sorted(wanted - set(current_app.tasks))
    return f"Celery doesn't know {', '.join(missing)}" if missing else ""


def probe_schedule() -> str:
    scheduled = {entry.get("task") for entry in (current_app.conf.beat_schedule or {}).values()}
    wanted = {entry["task"] for entry in add_schedule({}).values()}
    missing = sorted(wanted - scheduled)
    return f"Celery's beat doesn't have {', '.join(missing)}" if missing else ""


def probe_templates() -> str:
    """Only that they are found and parse: an operator may have put others in their place."""
    broken = []
    for name in (conf.base_template(), "token_payments/checkout/page.html"):
        try:
            get_template(name)
        except TemplateDoesNotExist:
            broken.append(name)
    return f"not found: {', '.join(broken)}" if broken else ""


def probe_mako() -> str:
    directories = getattr(settings, "MAKO_TEMPLATE_DIRS_BASE", None)
    if directories is None:
        raise NotCheckable("this LMS has no MAKO_TEMPLATE_DIRS_BASE")
    return "" if str(MAKO_TEMPLATES) in map(str, directories) else f"{MAKO_TEMPLATES} isn't in it"


def probe_groups() -> str:
    item = next(iter(catalogue_queries.list_sold_items()), None)
    if item is None:
        raise NotCheckable("no course is on sale yet")
    get_host().list_groups(item.item_key)
    return ""


def probe_jobs() -> str:
    raise NotCheckable("only a task would show it: the doctor tells of work that no worker did")


INSTALLED: Sequence[Behaviour] = (
    Behaviour(
        "the gate is first in its pipeline, which isn't silent",
        probe_gate_stands,
        "The system check says what to write: manage.py check --tag token_payments.",
    ),
    Behaviour(
        "the gate refuses a learner who hasn't paid",
        probe_gate_refuses,
        "Learners may be joining unpaid. Take courses off sale until this is OK.",
    ),
    Behaviour(
        "what the plugin adds to pages is in its pipelines",
        probe_additions,
        "A YAML with OPEN_EDX_FILTERS_CONFIG replaces what plugins added: see Installation.",
        needed=False,
    ),
    Behaviour(
        "our addresses lead to our pages",
        probe_addresses,
        "Another plugin or a theme has taken /token-payments/.",
    ),
    Behaviour(
        "we are told when somebody leaves a course or gives up the account",
        probe_receivers,
        "Is the plugin's entry point installed in this LMS, and ROOT_URLCONF lms.urls?",
    ),
    Behaviour("Celery knows our tasks", probe_tasks, "Restart the workers with the plugin."),
    Behaviour(
        "scheduled work is in Celery's beat",
        probe_schedule,
        "Run it otherwise: docs, Scheduled work.",
        needed=False,
    ),
    Behaviour(
        "the pages' templates are found",
        probe_templates,
        'Set TOKEN_PAYMENTS["BASE_TEMPLATE"] to a template of this LMS.',
    ),
    Behaviour(
        "the older instructor dashboard finds our template",
        probe_mako,
        "Restart the LMS; the newer dashboard doesn't need it.",
        needed=False,
    ),
    Behaviour("groups of a course can be listed", probe_groups, needed=False),
    Behaviour("a worker does our tasks", probe_jobs, needed=False),
)
