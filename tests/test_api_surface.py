"""The public Python surface changes only together with the changelog, and breaks with a warning.

When this fails: docs/python-api.md, "How long it stays", says what to do. Before the first release
nothing fails: that release defines the surface.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import griffe
import pytest

from scripts import api_surface, last_release
from scripts.api_surface import BREAKS, find_breaks, find_changes, judge, list_unmentioned
from token_payments import api, errors

#: A package of the same build as ours, by the file.
FILES = {
    "__init__.py": "",
    "api.py": (
        "from token_payments.wallets import Balance, MAX_PEOPLE, freeze_account, redeem\n"
        "__all__ = ['MAX_PEOPLE', 'Balance', 'freeze_account', 'redeem']\n"
    ),
    "errors.py": (
        "class TokenPaymentsError(Exception): ...\n"
        "class LastManager(TokenPaymentsError):\n    reason = 'last_manager'\n"
    ),
    "wallets.py": (
        "class Balance:\n    available: int = 0\n    spent: int = 0\n"
        "MAX_PEOPLE = 500\n"
        "def freeze_account(account_id: int, *, reason: str = '') -> None: ...\n"
        "def redeem(*, learner: str) -> int: ...\n"
        "def of_our_own(): ...\n"
    ),
}
Make = Callable[..., griffe.Module]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """``make(old, new)`` loads the package with a text of it replaced; without them, as it is."""
    made = 0

    def write(old: str = "", new: str = "") -> griffe.Module:
        nonlocal made
        made += 1
        package = tmp_path / str(made) / "token_payments"
        package.mkdir(parents=True)
        assert old in "".join(FILES.values())
        for name, text in FILES.items():
            (package / name).write_text(text.replace(old, new) if old else text)
        return api_surface.load(package.parent)

    return write


def list_changes(old: griffe.Module, new: griffe.Module) -> list[str]:
    return find_changes(api_surface.read_surface(old), api_surface.read_surface(new))


def test_what_changed_since_the_last_release_is_in_the_changelog() -> None:
    version = last_release.find_last_version()
    old, new = api_surface.load_last_release(), api_surface.load(api_surface.REPOSITORY)
    broken = [name for name, _ in find_breaks(old, new)]
    assert judge(broken, list_changes(old, new), version) == []


def test_the_surface_is_what_the_api_names_and_every_error() -> None:
    surface = api_surface.read_surface(api_surface.load(api_surface.REPOSITORY))
    ours = {
        f"errors.{name}"
        for name, each in vars(errors).items()
        if isinstance(each, type) and issubclass(each, errors.TokenPaymentsError)
    }
    assert "errors.InsufficientTokens" in ours
    assert set(surface) == {*api.__all__, *ours}
    assert all(surface.values())
    assert len(api.__all__) == len(set(api.__all__))


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("account_id: int", "account_id: str", "freeze_account"),
        ("spent: int", "kept: int", "Balance"),
        ("= 500", "= 7", "MAX_PEOPLE"),
        ("__all__ = ['MAX_PEOPLE', ", "__all__ = [", "MAX_PEOPLE"),
        ("redeem\n__all__ = [", "redeem, of_our_own\n__all__ = ['of_our_own', ", "of_our_own"),
        ("'last_manager'", "'other'", "errors.LastManager"),
        ("class LastManager(", "class TheLastManager(", "errors.LastManager"),
    ],
)
def test_names_signatures_fields_and_errors_are_seen(
    make: Make, old: str, new: str, name: str
) -> None:
    changes = list_changes(make(), make(old, new))
    assert name in changes
    assert set(changes) <= {name, "errors.TheLastManager"}


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("__all__ = ['MAX_PEOPLE', ", "__all__ = [", "MAX_PEOPLE"),
        ("account_id: int", "account: int", "freeze_account"),
        ("reason: str = ''", "reason: str", "freeze_account"),
        ("*, learner: str", "*, learner: str, method: str", "redeem"),
        ("    spent: int = 0\n", "", "Balance"),
        ("class LastManager(TokenPaymentsError)", "class LastManager", "errors.LastManager"),
    ],
)
def test_what_breaks_callers_is_found(make: Make, old: str, new: str, name: str) -> None:
    broken = find_breaks(make(), make(old, new))
    assert {name for name, _ in broken} == {name}
    assert all(text for _, text in broken)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("reason: str = ''", "reason: str = '', until: str = ''"),
        ("    spent: int = 0\n", "    spent: int = 0\n    kept: int = 0\n"),
        ("def of_our_own(): ...\n", ""),
    ],
)
def test_what_only_adds_or_is_our_own_breaks_nobody(make: Make, old: str, new: str) -> None:
    assert find_breaks(make(), make(old, new)) == []


def test_before_the_first_release_nothing_has_to_be_said() -> None:
    assert judge(["redeem"], ["redeem", "review"], None, "") == []


def test_after_it_a_break_needs_an_entry_that_owns_up_to_it() -> None:
    head, tail = "# Changelog\n\n## [Unreleased]\n\n", "\n## [0.1.0] - 2026-12-01\n\n- `redeem`\n"
    plain = f"{head}- `redeem` and `review` changed.\n{tail}"
    [wrong] = judge(["redeem"], ["redeem", "review"], "0.1.0", plain)
    assert wrong.startswith("redeem breaks callers")
    owned = f"{head}{BREAKS} `redeem` needs\n  more, and `review` is new.\n{tail}"
    assert judge(["redeem"], ["redeem", "review"], "0.1.0", owned) == []
    wrong_ones = judge(["redeem"], ["redeem", "review"], "0.1.0", f"{head}{tail}")
    assert len(wrong_ones) == 3


def test_an_entry_of_the_changelog_has_to_name_it() -> None:
    names = ["errors.LastManager", "freeze_account", "redeem", "review"]
    text = "- `api.freeze_account` asks why, `redeem(learner=...)` `LastManager` too: review"
    assert list_unmentioned(names, text) == ["review"]
