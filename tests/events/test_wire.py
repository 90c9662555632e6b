"""Every event crosses a bus unharmed, and is known before any app asks for it."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attr
import pytest
from openedx_events.event_bus.avro.deserializer import deserialize_bytes_to_event_data
from openedx_events.event_bus.avro.serializer import serialize_event_data_to_bytes

from tests.events.base import SIGNALS
from token_payments import events

REPOSITORY = Path(__file__).resolve().parents[2]
VALUES: dict[type, Any] = {
    int: -7,
    str: "Gold “é”",
    datetime: datetime(2026, 11, 27, 9, 30, 1, 5, tzinfo=UTC),
}
PRODUCERS = {
    "org.openedx.token_payments.order.requested.v1": {
        "orders": {"event_key_field": "order.number", "enabled": True}
    }
}


def make(data_class: type, *, whole: bool) -> Any:
    wanted = [one for one in attr.fields(data_class) if whole or one.default is attr.NOTHING]
    return data_class(**{one.name: VALUES[one.type] for one in wanted})


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "least"])
@pytest.mark.parametrize("name", SIGNALS)
def test_it_is_the_same_behind_the_bus(name: str, whole: bool) -> None:
    signal = SIGNALS[name]
    ((key, data_class),) = signal.init_data.items()
    data = {key: make(data_class, whole=whole)}
    assert (
        deserialize_bytes_to_event_data(serialize_event_data_to_bytes(data, signal), signal) == data
    )


@pytest.mark.parametrize("name", SIGNALS)
def test_its_name_says_whose_it_is(name: str) -> None:
    assert SIGNALS[name].event_type.startswith("org.openedx.token_payments.")
    assert SIGNALS[name].event_type.endswith(".v1")


@pytest.mark.parametrize("data_class", events.EventData.__args__)
def test_every_field_is_described(data_class: type) -> None:
    lines = [line.strip() for line in str(data_class.__doc__).splitlines()]
    described = [line.partition(":")[0] for line in lines[lines.index("Arguments:") + 1 :] if line]
    assert described == [one.name for one in attr.fields(data_class)]


def test_openedx_events_knows_them_when_it_is_ready() -> None:
    """It refuses to start for a producer of an event that it doesn't know."""
    code = (
        "import lms.envs.test as settings\n"
        f"settings.EVENT_BUS_PRODUCER_CONFIG = {PRODUCERS!r}\n"
        "import django\n"
        "django.setup()\n"
        "from token_payments.events import TOKEN_ORDER_REQUESTED\n"
        "print(TOKEN_ORDER_REQUESTED.has_listeners())\n"
    )
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "lms.envs.test",
        "PYTHONPATH": f"{REPOSITORY / 'mini_lms'}{os.pathsep}{REPOSITORY}",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.split()[-1:] == ["True"], done.stderr
