"""Settings of the LMS that let learners into courses past the gate, or make staff of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.conf import settings

from token_payments.hosts.base import Bypass, BypassKind

#: What samples and old defaults of the LMS have in the place of a key.
SAMPLE_KEYS = ("", "PUT_YOUR_API_KEY_HERE")
SWITCHES = {
    "MODE_CREATION_FOR_TESTING": BypassKind.TESTING,
    "AUTOMATIC_AUTH_FOR_TESTING": BypassKind.TESTING,
    "CUSTOM_COURSES_EDX": BypassKind.COPIES,
    "ENABLE_ENTERPRISE_INTEGRATION": BypassKind.ENTERPRISE,
}


def list_bypasses() -> Sequence[Bypass]:
    bypasses = [Bypass(kind, name) for name, kind in SWITCHES.items() if is_on(name)]
    if getattr(settings, "EDX_API_KEY", None) in SAMPLE_KEYS:
        bypasses.insert(0, Bypass(BypassKind.KNOWN_KEY, "EDX_API_KEY"))
    return bypasses


def is_on(name: str) -> bool:
    """A switch of the LMS: a setting of its own, in older releases a key of FEATURES."""
    features = getattr(settings, "FEATURES", None) or {}
    return bool(getattr(settings, name, False) or features.get(name, False))


def list_items_without_modes(item_keys: Iterable[str]) -> list[str]:
    from common.djangoapps.course_modes.models import CourseMode

    wanted = set(item_keys)
    having = CourseMode.objects.values_list("course_id").distinct()
    return sorted(wanted - {str(key) for (key,) in having})
