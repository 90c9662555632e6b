"""Settings for every environment: defaults where the operator has none, and our filter steps."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from celery.schedules import crontab

ENROLMENT_FILTER = "org.openedx.learning.course.enrollment.started.v1"
GATE_STEP = "token_payments.lms.pipeline.RequireTokenPayment"
ABOUT_FILTER = "org.openedx.learning.course_about.render.started.v1"
ABOUT_STEP = "token_payments.lms.pipeline.OfferTokenPayment"
SECTION_FILTER = "org.openedx.learning.instructor.dashboard.render.started.v1"
SECTION_STEP = "token_payments.lms.pipeline.AddInstructorSection"
TAB_FILTER = "org.openedx.learning.instructor.dashboard.tabs.requested.v1"
TAB_STEP = "token_payments.lms.pipeline.AddInstructorTab"
HOME_FILTER = "org.openedx.learning.dashboard.render.started.v1"
HOME_STEP = "token_payments.lms.pipeline.LinkToTokens"
#: What only adds to pages: each comes last in its pipeline.
ADDITIONS = {
    ABOUT_FILTER: ABOUT_STEP,
    SECTION_FILTER: SECTION_STEP,
    TAB_FILTER: TAB_STEP,
    HOME_FILTER: HOME_STEP,
}
MIDDLEWARE = "token_payments.lms.middleware.OwnRequests"
MAKO_TEMPLATES = Path(__file__).resolve().parents[1] / "lms" / "mako"
EXPIRY_ENTRY = "token_payments_expire_issues"
SWEEP_ENTRY = "token_payments_sweep_departures"
INVOICES_ENTRY = "token_payments_forget_invoices"
LOW_BALANCES_ENTRY = "token_payments_sweep_low_balances"
REMINDERS_ENTRY = "token_payments_send_reminders"
REMINDERS_TIME = crontab(hour=7, minute=12)  # in Celery's zone
RESUME_ENTRY = "token_payments_resume_pending"
RESUME_PERIOD = 600  # seconds
PURGE_ENTRY = "token_payments_purge_answers"
NOTICES_ENTRY = "token_payments_purge_notices"
GROUPS_ENTRY = "token_payments_retry_groups"
DOCTOR_ENTRY = "token_payments_doctor"
WEBHOOKS_ENTRY = "token_payments_send_webhooks"
WEBHOOKS_PURGE_ENTRY = "token_payments_purge_webhooks"
EVERY_MINUTE = crontab()
EVERY_HOUR = crontab(minute="17")
EVERY_DAY = crontab(minute="42", hour="3")
APPS = (
    "config_models",
    "django.contrib.humanize",
    "django_countries",
    "drf_spectacular_sidecar",  # the API reference's script, for staticfiles
    "simple_history",
)


def plugin_settings(settings: Any) -> None:
    """Called by the LMS with its settings module, before and (production.py) after its YAML."""
    for name, value in {"TOKEN_PAYMENTS_ENABLED": False, "TOKEN_PAYMENTS": {}}.items():
        if not hasattr(settings, name):
            setattr(settings, name, value)
    for app in APPS:
        if app not in settings.INSTALLED_APPS:
            settings.INSTALLED_APPS.append(app)
    middleware = getattr(settings, "MIDDLEWARE", ())
    if MIDDLEWARE not in middleware:  # first, so that it sees what the others answer
        settings.MIDDLEWARE = [MIDDLEWARE, *middleware]
    settings.OPEN_EDX_FILTERS_CONFIG = add_steps(getattr(settings, "OPEN_EDX_FILTERS_CONFIG", {}))
    mako = getattr(settings, "MAKO_TEMPLATE_DIRS_BASE", None)
    if mako is not None and MAKO_TEMPLATES not in mako:
        mako.append(MAKO_TEMPLATES)  # the list itself: the LMS has given it away already
    settings.CELERYBEAT_SCHEDULE = add_schedule(getattr(settings, "CELERYBEAT_SCHEDULE", {}))


def add_steps(filters_config: Mapping[str, Any] | None) -> dict[str, Any]:
    """The filters' configuration with our steps; those of others keep order and configuration.

    The gate comes first, since a step before it that returns None would end the pipeline, and its
    pipeline isn't silent, since a silent one skips a step that can't be imported. Steps that add to
    pages come last and leave ``fail_silently`` as it is. Doing it twice changes nothing.
    """
    merged = dict(filters_config or {})
    gate = read_filter_config(merged, ENROLMENT_FILTER)
    others = [step for step in gate["pipeline"] if step != GATE_STEP]
    merged[ENROLMENT_FILTER] = {**gate, "fail_silently": False, "pipeline": [GATE_STEP, *others]}
    for filter_type, step in ADDITIONS.items():
        config = read_filter_config(merged, filter_type)
        if step not in config["pipeline"]:
            merged[filter_type] = {**config, "pipeline": [*config["pipeline"], step]}
    return merged


def add_schedule(schedule: Mapping[str, Any] | None) -> dict[str, Any]:
    """Celery beat's entries with ours, under the name that the LMS's Celery app reads.

    An entry that the operator gave under this name stays. It has no effect where no beat runs.
    They are times of the clock: a beat that is restarted each night would never come to the end of
    a period of a day.
    """
    ours = {
        EXPIRY_ENTRY: {"task": "token_payments.tasks.expire_issues", "schedule": EVERY_HOUR},
        SWEEP_ENTRY: {"task": "token_payments.tasks.sweep_departures", "schedule": EVERY_DAY},
        INVOICES_ENTRY: {"task": "token_payments.tasks.forget_invoices", "schedule": EVERY_DAY},
        LOW_BALANCES_ENTRY: {
            "task": "token_payments.tasks.sweep_low_balances",
            "schedule": EVERY_HOUR,
        },
        REMINDERS_ENTRY: {
            "task": "token_payments.tasks.send_reminders",
            "schedule": REMINDERS_TIME,
        },
        RESUME_ENTRY: {"task": "token_payments.tasks.resume_pending", "schedule": RESUME_PERIOD},
        PURGE_ENTRY: {"task": "token_payments.tasks.purge_answers", "schedule": EVERY_DAY},
        NOTICES_ENTRY: {"task": "token_payments.tasks.purge_notices", "schedule": EVERY_DAY},
        GROUPS_ENTRY: {"task": "token_payments.tasks.retry_groups", "schedule": EVERY_HOUR},
        WEBHOOKS_ENTRY: {"task": "token_payments.tasks.send_webhooks", "schedule": EVERY_MINUTE},
        WEBHOOKS_PURGE_ENTRY: {
            "task": "token_payments.tasks.purge_webhooks",
            "schedule": EVERY_DAY,
        },
        DOCTOR_ENTRY: {"task": "token_payments.tasks.run_doctor", "schedule": EVERY_DAY},
    }
    return {**ours, **(schedule or {})}


def read_filter_config(filters_config: Mapping[str, Any], filter_type: str) -> dict[str, Any]:
    """A filter's configuration as a dict with a ``pipeline``; it may be a list or one step too."""
    config = filters_config.get(filter_type) or {}
    if isinstance(config, str):
        config = {"pipeline": [config]}
    elif isinstance(config, (list, tuple)):
        config = {"pipeline": config}
    return {**config, "pipeline": list(config.get("pipeline") or [])}
