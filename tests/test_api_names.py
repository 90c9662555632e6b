"""What the Python API offers is small, closed, and documented where it is defined."""

from __future__ import annotations

import builtins
import dataclasses
import inspect
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from token_payments import api, errors, events, models
from token_payments.hosts import base

NAMES = sorted(api.__all__)
FUNCTIONS = [name for name in NAMES if inspect.isfunction(getattr(api, name))]
SHAPES = [name for name in NAMES if inspect.isclass(getattr(api, name))]
PUBLIC = (api, errors, events, models, base)  # with the port to the platform
WORD = re.compile(r"\b[A-Z]\w*[a-z]\w*\b")
CAMEL = re.compile(r"\b(?:[A-Z][a-z]+){2,}\b")


def read_docstring(name: str) -> str:
    return inspect.getdoc(getattr(api, name)) or ""


def list_annotations(thing: Any) -> Iterator[tuple[str, str, str]]:
    """(module, owner, text) of each annotation that a caller meets."""
    if inspect.isfunction(thing):
        for text in thing.__annotations__.values():
            yield thing.__module__, thing.__qualname__, str(text)
        return
    for field in dataclasses.fields(thing) if dataclasses.is_dataclass(thing) else ():
        yield thing.__module__, f"{thing.__name__}.{field.name}", str(field.type)
    for member in vars(thing).values():
        if inspect.isfunction(member) and not member.__name__.startswith("_"):
            yield from list_annotations(member)


def test_it_has_as_many_names_as_somebody_can_survey() -> None:
    assert 60 <= len(NAMES) <= 80
    assert len(FUNCTIONS) + len(SHAPES) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_docstring_begins_with_one_sentence_on_one_line(name: str) -> None:
    first, _, rest = read_docstring(name).partition("\n")
    assert re.fullmatch(r"(?!What\b)[A-Z].*\.", first)
    assert not rest or rest.startswith("\n")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_error_that_a_docstring_names_exists(name: str) -> None:
    known = {*vars(errors), *vars(models), *vars(builtins), *NAMES, "DoesNotExist"}
    assert set(CAMEL.findall(read_docstring(name))) - known == set()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_who_takes_a_key_says_what_another_request_with_it_meets(name: str) -> None:
    if "idempotency_key" in inspect.signature(getattr(api, name)).parameters:
        assert re.search("IdempotencyConflict|With the same key", read_docstring(name))


@pytest.mark.parametrize("name", NAMES)
def test_what_it_takes_and_gives_is_public(name: str) -> None:
    public = {each for module in PUBLIC for each in vars(module).values() if inspect.isclass(each)}
    for module, owner, text in list_annotations(getattr(api, name)):
        for word in WORD.findall(text):
            meant = vars(sys.modules[module]).get(word)
            ours = inspect.isclass(meant) and meant.__module__.startswith("token_payments")
            assert not ours or meant in public, f"{owner}: {word}"
