"""How one fact of the contract is compared with an object: the probes for each kind of fact."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

import attr
from django.dispatch import Signal
from django.urls import NoReverseMatch, reverse

SAMPLE_KEY = "course-v1:Org+Course+Run"
EXTRA = "anything_else"

Fact = Mapping[str, Any]
#: Says how the object differs from the fact; empty when it doesn't.
Probe = Callable[[Fact, Any], str]


class NotCheckable(Exception):
    """Nothing that a program could compare."""


def find_difference(fact: Fact, found: Any) -> str:
    """How ``found`` differs from the fact; empty when it agrees. Raises NotCheckable."""
    probes = PROBES.get(fact["kind"])
    if probes is None:
        raise NotCheckable(f"no probe for the kind {fact['kind']}")
    differences = (probe(fact, found) for probe in probes)
    return next((difference for difference in differences if difference), "")


def probe_signature(fact: Fact, found: Any) -> str:
    """Whether the calls that the fact allows bind: the shortest, by name and by position."""
    if fact.get("parameters") is None:
        return ""
    try:
        signature = inspect.signature(found)
    except (TypeError, ValueError) as error:
        raise NotCheckable(f"it has no signature: {error}") from error
    named = list(_read_parameters(fact))
    names = [name for name, _ in named]
    more_by_name = [EXTRA for text in fact["parameters"] if text.startswith("**")]
    more_by_position = [EXTRA for text in fact["parameters"] if text[:1] == "*" != text[1:2]]
    try:
        signature.bind(**{name: name for name, default in named if default is None})
        calls = [
            signature.bind(**{name: name for name in [*names, *more_by_name]}),
            signature.bind(*names, *more_by_position),
        ]
    except TypeError as error:
        return f"{error}; it takes {signature}"
    for call in calls:
        for name, value in call.arguments.items():
            if isinstance(value, str) and name != value:
                return f"{value} stands elsewhere; it takes {signature}"
    return _compare_defaults(named, signature)


def probe_fields(fact: Fact, found: Any) -> str:
    """Fields of a Django model, and what is unique in it."""
    names = {field.name for field in found._meta.get_fields()}
    missing = [name for name in fact.get("fields", ()) if name not in names]
    if missing:
        return f"no field {', '.join(missing)}"
    unique = {frozenset(names) for names in found._meta.unique_together}
    unique |= {frozenset(constraint.fields) for constraint in found._meta.total_unique_constraints}
    for text in fact.get("constraints", ()):
        if frozenset(_split_names(text)) not in unique:
            return f"no {text}"
    return ""


def probe_attributes(fact: Fact, found: Any) -> str:
    """Attributes of a class: named (``fields``), or with their values (``value``)."""
    wanted = dict(_read_attribute(text) for text in fact.get("fields", ()))
    wanted |= {name: repr(value) for name, value in fact.get("value", {}).items()}
    for name, value in wanted.items():
        if not hasattr(found, name):
            return f"no attribute {name}"
        if value is not None and repr(getattr(found, name)) != value:
            return f"{name} is {getattr(found, name)!r}, not {value}"
    return ""


def probe_bases(fact: Fact, found: Any) -> str:
    """Ancestors by name: a host may move them."""
    names = {base.__name__ for base in found.__mro__}
    missing = [base for base in fact.get("bases", ()) if base.rpartition(".")[2] not in names]
    return f"not derived from {', '.join(missing)}" if missing else ""


def probe_value(fact: Fact, found: Any) -> str:
    if "value" not in fact or found == fact["value"]:
        return ""
    return f"it is {found!r}, not {fact['value']!r}"


def probe_tuple(fact: Fact, found: Any) -> str:
    missing = [name for name in fact["fields"] if name not in found._fields]
    return f"no {', '.join(missing)} in {', '.join(found._fields)}" if missing else ""


def probe_attrs(fact: Fact, found: Any) -> str:
    names = {field.name for field in attr.fields(found)}
    missing = [name for name, _ in _read_parameters(fact) if name not in names]
    return f"no field {', '.join(missing)}" if missing else ""


def probe_event(fact: Fact, found: Any) -> str:
    if found.event_type != fact["event_type"]:
        return f"its type is {found.event_type}"
    missing = [name for name, _ in _read_parameters(fact) if name not in found.init_data]
    return f"it doesn't carry {', '.join(missing)}" if missing else ""


def probe_filter(fact: Fact, found: Any) -> str:
    """Its type, and the exceptions that stop what it filters."""
    owner = found.__self__
    if owner.filter_type != fact["filter_type"]:
        return f"its type is {owner.filter_type}"
    names = [name.rpartition(".")[2] for name in fact.get("raises", ())]
    missing = [name for name in names if not hasattr(owner, name)]
    return f"no exception {', '.join(missing)}" if missing else ""


def probe_address(fact: Fact, _found: Any) -> str:
    name = fact["id"].partition(":")[2]
    try:
        reverse(name, kwargs=dict.fromkeys(fact["parameters"], SAMPLE_KEY))
    except NoReverseMatch as error:
        return str(error)
    return ""


def _is_a(*types: type) -> Probe:
    """What is sent with a signal, or what a property holds, can't be seen from outside."""

    def probe(_fact: Fact, found: Any) -> str:
        return "" if isinstance(found, types) else f"it is a {type(found).__name__}"

    return probe


def _read_parameters(fact: Fact) -> Iterator[tuple[str, str | None]]:
    """Name and default of each (None: required). Types are cut off, ``*`` ones left out."""
    for text in fact["parameters"]:
        if not text.startswith("*"):
            name, has_default, default = text.partition(":")[0].partition("=")
            yield name.strip(), default if has_default else None


def _compare_defaults(named: list[tuple[str, str | None]], signature: inspect.Signature) -> str:
    for name, default in named:
        parameter = signature.parameters.get(name)
        if parameter is None or default is None:
            continue
        if parameter.default is not parameter.empty and repr(parameter.default) != default:
            return f"{name} is {parameter.default!r} unless given, not {default}"
    return ""


def _read_attribute(text: str) -> tuple[str, str | None]:
    name, has_value, value = text.partition("=")
    return name, value if has_value else None


def _split_names(text: str) -> list[str]:
    """The names in ``unique(user, course)``."""
    return [name.strip() for name in text.partition("(")[2].rstrip(")").split(",")]


PROBES: Mapping[str, tuple[Probe, ...]] = {
    "attrs": (probe_attrs,),
    "class": (probe_bases, probe_attributes, probe_signature),
    "classmethod": (probe_signature,),
    "config_model": (probe_fields,),
    "constant": (probe_value,),
    "constants": (probe_attributes,),
    "decorator": (probe_signature,),
    "django_model": (probe_fields,),
    "django_signal": (_is_a(Signal),),
    "exception": (probe_bases, probe_signature),
    "filter": (probe_filter, probe_signature),
    "function": (probe_signature,),
    "http_view": (probe_signature,),
    "manager_method": (probe_signature,),
    "method": (probe_signature,),
    "namedtuple": (probe_tuple,),
    "openedx_event": (probe_event,),
    "property": (_is_a(property, cached_property),),
    "signal_receiver": (probe_signature,),
    "url_name": (probe_address,),
}
