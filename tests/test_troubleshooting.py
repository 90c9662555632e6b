"""docs/troubleshooting.md knows every refusal, and names nothing that isn't there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.utils.translation import override

from tests.presenters.catalogue import list_pages
from token_payments.doctor import CHECKS

PAGE = (Path(__file__).parents[1] / "docs" / "troubleshooting.md").read_text()
#: Refusals that say themselves all that there is to do.
PLAIN = {"already_enrolled", "method_gone", "item_not_found"}


@pytest.mark.parametrize("reason", sorted(dict(list_pages()).keys() - PLAIN))
def test_each_refusal_that_learners_see_is_explained(reason: str) -> None:
    with override("en"):
        assert f"“{dict(list_pages())[reason].title}”" in PAGE


def test_its_commands_and_checks_exist() -> None:
    commands = set(re.findall(r"\btoken_payments_\w+", PAGE))
    assert commands <= set(get_commands())
    named = set(re.findall(r"doctor's (?:note )?`(\w+)`", PAGE))
    assert named
    assert named <= set(CHECKS)
