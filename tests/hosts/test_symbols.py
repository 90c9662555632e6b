"""The names of the LMS that the plugin uses: this host has them, and a difference is noticed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest

from common.djangoapps.student import models
from common.djangoapps.student.models import CourseEnrollment
from token_payments.hosts.symbols import SYMBOLS, HostOutcome, HostVerdict, Symbol, check_symbols

HERE = __name__


def find(name: str) -> HostVerdict:
    [verdict] = check_symbols([each for each in SYMBOLS if each.name == name])
    return verdict


def test_this_host_has_them_all() -> None:
    verdicts = check_symbols(SYMBOLS)
    assert len(verdicts) > 40
    assert [each for each in verdicts if each.outcome is not HostOutcome.AGREES] == []
    assert len({each.fact for each in verdicts}) == len(verdicts)


def test_a_renamed_parameter() -> None:
    def enroll(
        cls: Any, user: Any, course_id: Any, mode: Any = None, check_access: Any = 0
    ) -> None:
        """As it might be in another release."""

    with mock.patch.object(CourseEnrollment, "enroll", classmethod(enroll)):
        verdict = find("CourseEnrollment.enroll")
    assert verdict.is_failure
    assert verdict.outcome is HostOutcome.DIFFERS
    assert "course_id" in verdict.detail


def test_a_symbol_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(models, "CourseFullError")
    verdict = find("CourseFullError")
    assert verdict.outcome is HostOutcome.MISSING
    assert verdict.is_failure


def test_a_column_that_is_gone() -> None:
    [verdict] = check_symbols([Symbol(models.__name__, "CourseEnrollment", has=("mode", "price"))])
    assert verdict.is_failure
    assert verdict.detail == "it has no price"


def test_a_module_that_is_gone() -> None:
    [verdict] = check_symbols([Symbol("openedx.core.djangoapps.nothing", "x")])
    assert verdict.outcome is HostOutcome.MISSING
    assert verdict.fact == "openedx.core.djangoapps.nothing:x"
    assert "nothing" in verdict.detail


def exact(user: Any, mode: Any = None) -> None: ...
def with_more(user: Any, mode: Any = None, extra: Any = None, **kwargs: Any) -> None: ...
def anything(*args: Any, **kwargs: Any) -> None: ...
def with_one_more_required(user: Any, extra: Any, mode: Any = None) -> None: ...
def with_none(mode: Any = None) -> None: ...
def by_name_only(*, user: Any, mode: Any = None) -> None: ...
def swapped(mode: Any = None, user: Any = None) -> None: ...


@pytest.mark.parametrize("function", [exact, with_more, anything])
def test_signatures_that_take_the_call(function: Callable[..., Any]) -> None:
    [verdict] = check_symbols([Symbol(HERE, function.__name__, ("user", "user, mode="))])
    assert verdict.outcome is HostOutcome.AGREES


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (with_one_more_required, "missing a required argument: 'extra'"),
        (with_none, "user stands elsewhere"),
        (by_name_only, "too many positional arguments"),
        (swapped, "user stands elsewhere"),
    ],
)
def test_signatures_that_do_not(function: Callable[..., Any], expected: str) -> None:
    [verdict] = check_symbols([Symbol(HERE, function.__name__, ("user",))])
    assert verdict.is_failure
    assert expected in verdict.detail


NOT_CALLABLE = "a text"


def test_what_is_no_function_any_more() -> None:
    [verdict] = check_symbols([Symbol(HERE, "NOT_CALLABLE", ("user",))])
    assert verdict.is_failure
    assert "it can't be called" in verdict.detail
