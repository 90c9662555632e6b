"""Every test starts without filters, without cached answers, and without the plugin's gate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from edx_django_utils.cache import RequestCache

from tests.mini_lms.helpers import RecordMode, make_user


@pytest.fixture(autouse=True)
def _clean_host(settings: Any) -> Iterator[None]:
    settings.OPEN_EDX_FILTERS_CONFIG = {}
    RequestCache.clear_all_namespaces()
    cache.clear()
    RecordMode.seen.clear()
    yield
    RequestCache.clear_all_namespaces()
    cache.clear()


@pytest.fixture
def learner(db: None) -> Any:
    return make_user("learner")


@pytest.fixture
def staff(db: None) -> Any:
    return make_user("staff", is_staff=True)


@pytest.fixture
def sent() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """(name, kwargs) of every enrolment event and signal, in the order in which they were sent."""
    from openedx_events.learning import signals as events

    from common.djangoapps.student import signals as legacy

    recorded: list[tuple[str, dict[str, Any]]] = []
    receivers = []
    for module, names in (
        (
            events,
            (
                "COURSE_ENROLLMENT_CREATED",
                "COURSE_ENROLLMENT_CHANGED",
                "COURSE_UNENROLLMENT_COMPLETED",
            ),
        ),
        (
            legacy,
            (
                "ENROLL_STATUS_CHANGE",
                "UNENROLL_DONE",
                "REFUND_ORDER",
                "ENROLLMENT_TRACK_UPDATED",
            ),
        ),
    ):
        for name in names:

            def receive(*args: Any, _name: str = name, **kwargs: Any) -> None:
                recorded.append((_name, kwargs))

            getattr(module, name).connect(receive, weak=False)
            receivers.append((getattr(module, name), receive))
    yield recorded
    for signal, receive in receivers:
        signal.disconnect(receive)
