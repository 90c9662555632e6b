"""Settings for every environment: defaults where the operator has none, and the enrolment gate."""

from __future__ import annotations

from typing import Any

ENROLMENT_FILTER = "org.openedx.learning.course.enrollment.started.v1"
GATE_STEP = "token_payments.pipeline.RequireTokenPayment"
APPS = ("config_models", "django_countries", "simple_history")


def plugin_settings(settings: Any) -> None:
    """Called by the LMS with its settings module, before and (production.py) after its YAML."""
    for name, value in {"TOKEN_PAYMENTS_ENABLED": False, "TOKEN_PAYMENTS": {}}.items():
        if not hasattr(settings, name):
            setattr(settings, name, value)
    for app in APPS:
        if app not in settings.INSTALLED_APPS:
            settings.INSTALLED_APPS.append(app)
    settings.OPEN_EDX_FILTERS_CONFIG = add_gate(getattr(settings, "OPEN_EDX_FILTERS_CONFIG", {}))


def add_gate(filters_config: dict[str, Any] | None) -> dict[str, Any]:
    """The filters' configuration with our gate first in the enrolment pipeline, and not silent.

    First, since a step before it that returns None would end the pipeline; not silent, since a
    silent pipeline skips a step that can't be imported. Steps of others keep their order and their
    extra configuration. Doing it twice changes nothing.
    """
    merged = dict(filters_config or {})
    config = merged.get(ENROLMENT_FILTER) or {}
    if isinstance(config, str):
        config = {"pipeline": [config]}
    elif isinstance(config, list):
        config = {"pipeline": config}
    others = [step for step in config.get("pipeline", []) if step != GATE_STEP]
    merged[ENROLMENT_FILTER] = {**config, "fail_silently": False, "pipeline": [GATE_STEP, *others]}
    return merged
