"""Every race ends with the doctor: whatever happened, the books are right."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.concurrency import assert_healthy


@pytest.fixture(autouse=True)
def _healthy_afterwards(transactional_db: None) -> Iterator[None]:
    yield
    assert_healthy()
