"""Nothing is done in the test's own process: the workers get what the tests send them."""

from __future__ import annotations

from collections.abc import Iterator
from unittest import mock

import pytest

from token_payments.notifications import consequences


@pytest.fixture(autouse=True)
def unheard() -> Iterator[None]:
    with mock.patch.object(consequences, "enqueue"):
        yield
