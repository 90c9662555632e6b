"""Settings of the LMS that let learners into courses past the gate, or make staff of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.conf import settings

from token_payments.hosts.base import OpenRoad, RoadKind

#: What samples and old defaults of the LMS have in the place of a key.
SAMPLE_KEYS = ("", "PUT_YOUR_API_KEY_HERE")
SWITCHES = {
    "MODE_CREATION_FOR_TESTING": RoadKind.TESTING,
    "AUTOMATIC_AUTH_FOR_TESTING": RoadKind.TESTING,
    "CUSTOM_COURSES_EDX": RoadKind.COPIES,
    "ENABLE_ENTERPRISE_INTEGRATION": RoadKind.ENTERPRISE,
}


def find_open_roads() -> Sequence[OpenRoad]:
    roads = [OpenRoad(kind, name) for name, kind in SWITCHES.items() if is_on(name)]
    if getattr(settings, "EDX_API_KEY", None) in SAMPLE_KEYS:
        roads.insert(0, OpenRoad(RoadKind.KNOWN_KEY, "EDX_API_KEY"))
    return roads


def is_on(name: str) -> bool:
    """A switch of the LMS: a setting of its own, in older releases a key of FEATURES."""
    features = getattr(settings, "FEATURES", None) or {}
    return bool(getattr(settings, name, False) or features.get(name, False))


def list_items_without_modes(item_keys: Iterable[str]) -> list[str]:
    from common.djangoapps.course_modes.models import CourseMode

    wanted = set(item_keys)
    having = CourseMode.objects.values_list("course_id").distinct()
    return sorted(wanted - {str(key) for (key,) in having})
