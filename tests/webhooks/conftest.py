"""A receiver on the loopback, which the settings allow here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.webhooks.base import LOCAL
from tests.webhooks.receiver import Receiver, receiving


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.TOKEN_PAYMENTS = {**settings.TOKEN_PAYMENTS, **LOCAL}
    with receiving() as found:
        yield found
