"""Comparing the LMS at hand with what the plugin's design knows of it.

``edxapp_contract.json`` has a fact for each name of the LMS: where and what it is, what it takes.
Facts marked ``required`` are those that the plugin's code uses; the rest is what its design knows
of the LMS. A signature agrees when every call that the fact allows can be made: a newer LMS may
take more than that.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.contracts.probes import NotCheckable, find_difference

FACTS_FILE = Path(__file__).with_name("edxapp_contract.json")

Fact = Mapping[str, Any]


class Outcome(StrEnum):
    AGREES = "OK"
    DIFFERS = "differs"
    MISSING = "missing"
    OPTIONAL_MISSING = "optional and missing"
    NOT_CHECKABLE = "can't be told"


@dataclass(frozen=True)
class Verdict:
    """What became of one fact; ``detail`` says how it differs, or why it can't be checked."""

    fact: str
    required: bool
    outcome: Outcome
    detail: str = ""

    @property
    def is_failure(self) -> bool:
        return self.required and self.outcome in (Outcome.DIFFERS, Outcome.MISSING)


def load_facts() -> list[Fact]:
    facts: list[Fact] = json.loads(FACTS_FILE.read_text(encoding="utf-8"))["facts"]
    return facts


def verify(facts: Iterable[Fact]) -> list[Verdict]:
    """A verdict on each fact, in the same order; imports what the facts name."""
    return [_verify_one(fact) for fact in facts]


def _verify_one(fact: Fact) -> Verdict:
    required = bool(fact.get("required"))
    try:
        outcome, detail = _compare(fact)
    except NotCheckable as reason:
        outcome, detail = Outcome.NOT_CHECKABLE, str(reason)
    except (ImportError, AttributeError) as error:
        outcome = Outcome.OPTIONAL_MISSING if fact.get("optional") else Outcome.MISSING
        detail = str(error)
    return Verdict(fact["id"], required, outcome, detail)


def _compare(fact: Fact) -> tuple[Outcome, str]:
    """Raises NotCheckable; ImportError or AttributeError for a name that isn't there."""
    if fact["kind"] == "behaviour":
        raise NotCheckable("it has been read in the source of the LMS")
    if fact["kind"] == "url_name":
        difference = find_difference(fact, None)
    else:
        difference = find_difference(fact, _find(fact["module"], fact["symbol"]))
    return (Outcome.DIFFERS, difference) if difference else (Outcome.AGREES, "")


def _find(module: str, symbol: str) -> Any:
    """The object of a dotted name; words after a blank are a remark."""
    dotted = symbol.partition(" ")[0]
    return reduce(getattr, dotted.split("."), import_module(module))
