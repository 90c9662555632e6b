"""Rules of a life: what may happen, how often beside the others, and when it can't.

Hypothesis has rules of its own, of which each run leaves most out: two years need all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

Method = Callable[..., None]


def rule(*, weight: int = 1, **arguments: Any) -> Callable[[Method], Method]:
    """The method may happen, with something of each of the strategies as arguments."""

    def mark(method: Method) -> Method:
        vars(method).update(weight=weight, arguments=arguments)
        return method

    return mark


def precondition(can_happen: Callable[[Any], Any]) -> Callable[[Method], Method]:
    """Only where this is true of the life."""

    def mark(method: Method) -> Method:
        vars(method).update(can_happen=can_happen)
        return method

    return mark


def list_rules(life: type) -> list[str]:
    """The names of the class's rules, each as often as its weight says."""
    methods = [(name, getattr(life, name)) for name in sorted(dir(life))]
    rules = [(name, vars(method)) for name, method in methods if hasattr(method, "arguments")]
    return [name for name, facts in rules for _ in range(facts["weight"])]


def take_step(life: Any, rules: list[str], data: st.DataObject) -> None:
    """Let one of the rules happen that can."""
    facts = {name: vars(getattr(type(life), name)) for name in rules}
    can = [name for name in rules if facts[name].get("can_happen", lambda _: True)(life)]
    name = data.draw(st.sampled_from(can), label="what happens")
    drawn = {key: data.draw(one, label=key) for key, one in facts[name]["arguments"].items()}
    getattr(life, name)(data, **drawn)
