"""The figures of scripts/house.py count what they say, on small packages made for it."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from scripts.measures import cycles, finish, refusals, shape
from scripts.measures.source import Figure, Source

ERRORS = """
class Base(Exception):
    reason = "error"

class Frozen(Base):
    reason = "frozen"

class Full(Base):
    reason = "full"

class Refused(Base):
    def __init__(self, reason):
        self.reason = reason
"""
CHAIN = """
def f(error):
    if isinstance(error, Frozen):
        return _("a")
    if error.reason == "lost":
        return _("b")
    match error:
        case Base():
            return _("c")
    try:
        raise error
    except (Full, KeyError):
        return _("d")
"""
GETTEXT = "from django.utils.translation import gettext_lazy as _\nfrom plugin import errors\n"


@pytest.fixture
def make(tmp_path: Path):
    """A package ``plugin`` with these files."""

    def make_package(**files: str) -> Source:
        for name, text in {"__init__": "", **files}.items():
            path = tmp_path / "plugin" / f"{name.replace('__in__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return Source(tmp_path / "plugin")

    return make_package


def test_shelf_has_modules_and_packages_but_no_data(make) -> None:
    source = make(api="", wallets__in____init__="", wallets__in__models="")
    (source.package / "static").mkdir()
    assert shape.list_shelf(source).places == ("api", "wallets")


def test_lines_are_those_of_all_files(make) -> None:
    assert shape.count_lines(make(api="a = 1\n\n# b\n", migrations__in__one="c = 1\n")).value == 4


def test_files_may_have_350_lines_and_migrations_more(make) -> None:
    source = make(fits="a = 1\n" * 350, long="a = 1\n" * 351, migrations__in__one="a = 1\n" * 900)
    assert shape.list_long_files(source).places == ("plugin.long: 351",)


def test_functions_may_have_40_lines_without_their_decorators(make) -> None:
    body = "    a = 1\n"
    source = make(
        fits=f"@decorate\ndef fits():\n{body * 39}", long=f"class A:\n def long(s):\n{body * 40}"
    )
    assert shape.list_long_functions(source).places == ("plugin.long:2 long: 41",)


def test_queueing_counts_calls_and_what_is_given_on_in_interfaces(make) -> None:
    text = "from tasks import queue_mail\nqueue_mail(1)\nredeem(tell=tasks.queue_order)\n"
    assert shape.list_queueing(make(portal__in__views=text, notifications=text)).places == (
        "plugin.portal.views:2 queue_mail",
        "plugin.portal.views:3 queue_order",
    )


def test_surface_is_what_api_exports(make) -> None:
    assert shape.list_surface(make(api='__all__ = ["redeem", "Offer"]\nother = 1')).value == 2


def test_finders_are_functions_and_methods(make) -> None:
    text = "def find_a(): ...\nclass B:\n  def _find_b(self): ...\n  def founder(self): ...\n"
    assert shape.list_finders(make(a=text)).value == 2


def test_namesakes_are_classes_whose_names_django_does_not_ask_for(make) -> None:
    text = "class Row:\n  class Meta: ...\n"
    [found] = shape.list_namesakes(make(a=text, b=text)).places
    assert found == "Row: plugin.a:1, plugin.b:1"


def test_docstrings_and_words(make) -> None:
    source = make(a='"""What is here."""\ndef f():\n    """What whoever sees.\n\n    Nobody."""\n')
    figures = [
        measure(source).value
        for measure in (
            shape.list_what_docstrings,
            shape.list_what_modules,
            shape.list_whoevers,
            shape.list_nobodies,
        )
    ]
    assert figures == [1, 1, 1, 1]


def test_circles_count_once_each_also_when_a_function_hides_them(make) -> None:
    source = make(
        a="from plugin import b",
        b="from plugin.c import x",
        c="def f():\n    import plugin.a\n",
        d="from . import e",
        e="from .d import y",
        f="from plugin import a",
    )
    assert cycles.list_cycles(source).places == (
        "plugin.a <-> plugin.b <-> plugin.c",
        "plugin.d <-> plugin.e",
    )


def test_imports_for_the_type_checker_make_no_circle(make) -> None:
    source = make(a="from plugin import b", b="if TYPE_CHECKING:\n    from plugin import a\n")
    assert cycles.list_cycles(source) == Figure(0)


@pytest.mark.parametrize(
    "text",
    [
        'A = {"frozen": _("a"), "full": _("b"), "lost": Message(_("c"))}',
        'A = {errors.Frozen: _("a"), Full: _("b"), Refused: _("c"), 1: _("d")}',
        'A = {Frozen.reason: _("a"), Refusal.FULL: _("b"), "lost": _("c")}',
        CHAIN,
    ],
)
def test_three_worded_cases_are_a_table(make, text: str) -> None:
    raised = 'raise Refused("lost")'
    source = make(errors=ERRORS, portal=GETTEXT + text, orders=raised)
    assert refusals.list_tables(source).value == 1


@pytest.mark.parametrize(
    "text",
    [
        'A = {"frozen": _("a"), "full": _("b"), "other": _("c")}',
        'A = {"frozen": "account", "full": "quantity", "error": 409}',
        'def f(error):\n    if isinstance(error, Frozen): return _("a")\n    return _("b")\n',
    ],
)
def test_fewer_cases_or_no_words_are_none(make, text: str) -> None:
    assert refusals.list_tables(make(errors=ERRORS, portal=GETTEXT + text)).value == 0


def test_the_catalogue_counts_once(make) -> None:
    text = GETTEXT + 'A = {"frozen": _("a"), "full": _("b"), "error": _("c")}'
    source = make(
        errors=ERRORS,
        presenters__in__refusals=text,
        presenters__in__refusals_of_orders=text,
        admin=text,
    )
    assert refusals.list_tables(source).value == 2


def test_walk_counts_functions_and_calls_between_packages_once(make, monkeypatch) -> None:
    source = make(
        portal="from plugin import wallets\n"
        "def pay():\n"
        "    return [wallets.debit(n) for n in (1, 2)] + sorted([2, 1], key=lambda n: see(n))\n"
        "def see(n): return n\n",
        wallets="def debit(n): return n\n",
    )
    monkeypatch.syspath_prepend(source.package.parent)
    portal = importlib.import_module("plugin.portal")
    for name in source.modules:
        del sys.modules[name]
    watched = finish.Walk(source.package)
    sys.setprofile(watched.watch)
    try:
        portal.pay()
    finally:
        sys.setprofile(None)
    assert watched.list_functions().places == ("portal.py:pay", "portal.py:see", "wallets.py:debit")
    assert watched.list_switches().places == ("portal.py:pay -> wallets.py:debit",)
