"""The mini LMS has every symbol of the platform that the adapter may use, with its parameters."""

from __future__ import annotations

import importlib
import inspect
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.dispatch import Signal
from django.urls import reverse

CONTRACT = json.loads(Path(__file__).with_name("edxapp_contract.json").read_text())
FACTS = CONTRACT["facts"]
CALLABLES = {"function", "method", "classmethod", "manager_method", "signal_receiver"}
WITHOUT_SYMBOL = {"url_name", "behaviour"}
OURS = [
    fact
    for fact in FACTS
    if not fact["repo"].startswith("pypi:") and fact["kind"] not in WITHOUT_SYMBOL
]
PACKAGES = [fact for fact in FACTS if fact["repo"].startswith("pypi:")]


def find(fact: dict[str, Any]) -> Any:
    found: Any = importlib.import_module(fact["module"])
    if fact["kind"] == "constants":
        return getattr(found, fact["symbol"].split()[0])
    for part in fact["symbol"].split("."):
        found = getattr(found, part)
    return found


def parameters_of(target: Any, *, bound: bool) -> list[str]:
    """In the contract's notation; `bound` leaves `self` in, as the contract has it for methods."""
    written = []
    for parameter in inspect.signature(target, follow_wrapped=True).parameters.values():
        text = str(parameter.replace(annotation=parameter.empty))
        written.append(text.replace(" ", ""))
    return written if bound else [text for text in written if text != "self"]


def normal(parameters: list[str]) -> list[str]:
    return [text.split(":")[0].replace(" ", "") for text in parameters]


@pytest.mark.parametrize("fact", OURS, ids=[fact["id"] for fact in OURS])
def test_symbol(fact: dict[str, Any]) -> None:
    if fact["module"].startswith("openedx.core.djangoapps.ace_common.message"):
        pytest.importorskip("edx_ace")
    target = find(fact)
    check = globals().get(f"check_{fact['kind']}", check_callable)
    check(target, fact)


def check_callable(target: Any, fact: dict[str, Any]) -> None:
    assert callable(target)
    if fact["parameters"] is None:
        return
    if inspect.isclass(target) or fact["kind"] in CALLABLES | {"http_view"}:
        wanted = normal(fact["parameters"])
        assert parameters_of(target, bound="self" in wanted) == wanted


def check_exception(target: Any, fact: dict[str, Any]) -> None:
    assert issubclass(target, Exception)
    names = {base.__name__ for base in target.__mro__}
    assert {base.split(".")[-1] for base in fact.get("bases", [])} <= names
    if fact["parameters"]:
        assert parameters_of(target, bound=False) == normal(fact["parameters"])


def check_django_model(target: Any, fact: dict[str, Any]) -> None:
    fields = {field.name for field in target._meta.get_fields()}
    assert set(fact["fields"]) <= fields
    for constraint in fact.get("constraints", []):
        columns = constraint.removeprefix("unique(").removesuffix(")").replace(" ", "").split(",")
        assert tuple(columns) in {tuple(unique) for unique in target._meta.unique_together}


check_config_model = check_django_model


def check_namedtuple(target: Any, fact: dict[str, Any]) -> None:
    assert list(target._fields) == fact["fields"]


def check_class(target: Any, fact: dict[str, Any]) -> None:
    for name, value in (fact.get("value") or {}).items():
        assert getattr(target, name) == value
    for field in fact.get("fields", []):
        name, _, value = field.partition("=")
        assert hasattr(target, name)
        assert not value or getattr(target, name) == value.strip("'")
    check_callable(target, fact)


def check_constant(target: Any, fact: dict[str, Any]) -> None:
    assert target == fact.get("value", target)


def check_constants(target: Any, fact: dict[str, Any]) -> None:
    assert {name: getattr(target, name) for name in fact["value"]} == fact["value"]


def check_django_signal(target: Any, fact: dict[str, Any]) -> None:
    assert isinstance(target, Signal)


def check_property(target: Any, fact: dict[str, Any]) -> None:
    assert isinstance(target, property)


def test_url_names() -> None:
    names = [fact for fact in FACTS if fact["kind"] == "url_name"]
    for fact in names:
        kwargs = dict.fromkeys(fact["parameters"], "course-v1:A+B+C")
        assert reverse(fact["symbol"], kwargs=kwargs)


@pytest.mark.parametrize("fact", PACKAGES, ids=[fact["id"] for fact in PACKAGES])
def test_package_symbol(fact: dict[str, Any]) -> None:
    """What the adapter takes from packages is in those that are installed here."""
    pytest.importorskip(fact["module"].split(".")[0])
    try:
        assert find(fact) is not None
    except AttributeError:
        if not fact.get("optional"):
            raise
        pytest.skip(f"came with {fact['since']}")


def test_the_lms_is_the_lms() -> None:
    assert settings.ROOT_URLCONF == "lms.urls"
    assert settings.DATABASES["default"]["ATOMIC_REQUESTS"] is True
