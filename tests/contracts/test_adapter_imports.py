"""All that the plugin takes from the LMS is a fact of the contract, marked as required there, and
stands in the table of names that ``token_payments_check_host`` looks for, and nothing else."""

import ast
import re
import textwrap
from pathlib import Path

from django.db.models import QuerySet

from tests.contracts.facts import load_facts
from token_payments import hosts
from token_payments.hosts.symbols import SYMBOLS

PACKAGE = Path(hosts.__file__).parent.parent
FILES = [
    *sorted((PACKAGE / "hosts").glob("edxapp*.py")),
    PACKAGE / "lms" / "pipeline.py",
    *PACKAGE.glob("lms/receivers.py"),
    *PACKAGE.glob("apps.py"),
]
HOST_PACKAGES = ("common", "lms", "openedx", "openedx_events", "openedx_filters")
# Django's own attributes of a model or signal: no fact names them.
DJANGO = ("objects", "DoesNotExist", "pk", "connect")


class Uses(ast.NodeVisitor):
    """The host's names in a source, dotted as far as the source goes: (module, symbol)."""

    def __init__(self):
        self.imported = {}
        self.found = set()
        self.calls = set()

    def visit_Import(self, node):
        for alias in node.names:
            assert alias.name.partition(".")[0] not in HOST_PACKAGES, (
                f"import names from {alias.name}, not the module: its use could not be checked"
            )

    def visit_ImportFrom(self, node):
        if node.module.partition(".")[0] not in HOST_PACKAGES:
            return
        for alias in node.names:
            self.imported[alias.asname or alias.name] = (node.module, alias.name)
            self.found.add((node.module, alias.name))

    def visit_Attribute(self, node):
        name = self.read_name(node)
        if name:
            self.found.add(name)
        else:
            self.generic_visit(node)

    def visit_Call(self, node):
        name = self.read_name(node.func)
        if name:
            by_name = frozenset(keyword.arg for keyword in node.keywords)
            self.calls.add((*name, len(node.args), by_name))
        self.generic_visit(node)

    def read_name(self, node):
        names = []
        while isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self.imported:
            return None
        module, symbol = self.imported[node.id]
        return module, ".".join([symbol, *reversed(names)])


def read_uses(source):
    """Function by function, since each has imports of its own."""
    uses = Uses()
    uses.visit(ast.parse(textwrap.dedent(source)))
    return uses


def count_uses(source):
    return read_uses(source).found


def find_all_calls():
    return {call for path in FILES for call in read_uses(path.read_text()).calls}


def is_djangos(name):
    """What every model, manager and signal has: a query, an exception, connect."""
    first, _, rest = name.partition(".")[2].partition(".")
    if first == "objects":
        return not rest or hasattr(QuerySet, rest)
    return first in DJANGO


def read_call(written):
    """How many arguments by position, and which by name."""
    names = written.replace(",", " ").split()
    by_name = {name.removesuffix("=") for name in names if name.endswith("=")}
    return len(names) - len(by_name), frozenset(by_name)


def find_facts(module, symbol, facts):
    """The facts that a use needs; empty when the contract doesn't know it.

    A class is known when one of its members is; ``A.b`` also by a fact that lists b among the
    values or exceptions of A.
    """
    mine = [fact for fact in facts if fact["module"] == module]
    name, _, member = symbol.partition(".")
    exact = [fact for fact in mine if fact["symbol"] == symbol]
    if exact or not member:
        return exact or [fact for fact in mine if fact["symbol"].split(".")[0] == name]
    if member.split(".")[0] in DJANGO:
        return [fact for fact in mine if fact["symbol"] == name]
    return [
        fact
        for fact in mine
        if fact["symbol"].split()[0].split(".")[0] == name
        and (
            member in fact.get("value", {})
            or any(error.endswith(f".{member}") for error in fact.get("raises", ()))
        )
    ]


def find_all_uses():
    return {(path.name, *use) for path in FILES for use in count_uses(path.read_text())}


def test_every_name_of_the_host_is_a_fact():
    facts = load_facts()
    unknown = [use for use in find_all_uses() if not find_facts(*use[1:], facts)]
    assert not unknown


def test_every_fact_in_use_is_marked_as_required():
    facts = load_facts()
    used = {fact["id"] for _, *use in find_all_uses() for fact in find_facts(*use, facts)}
    assert used == {fact["id"] for fact in facts if fact.get("required")}


def test_no_required_fact_is_optional():
    both = [fact["id"] for fact in load_facts() if fact.get("required") and fact.get("optional")]
    assert not both


def test_the_table_has_every_name_that_is_used_and_no_other():
    used = {(module, name) for _, module, name in find_all_uses() if not is_djangos(name)}
    assert {(each.module, each.name) for each in SYMBOLS} == used
    assert len(SYMBOLS) == len(used)


def test_the_table_has_every_call_as_it_is_made():
    made = {call for call in find_all_calls() if not is_djangos(call[1])}
    listed = {(each.module, each.name, *read_call(call)) for each in SYMBOLS for call in each.calls}
    assert listed == made


def test_the_table_has_the_columns_that_are_looked_for():
    """Those that a query names, at least; and none that the plugin never names."""
    has = {(each.module, each.name): set(each.has) for each in SYMBOLS}
    for module, name, _, by_name in find_all_calls():
        if ".objects." in name and is_djangos(name):
            columns = {each.partition("__")[0] for each in by_name}
            assert columns <= has[module, name.partition(".")[0]], name
    text = "\n".join(path.read_text() for path in FILES)
    unused = [
        name for names in has.values() for name in names if not re.search(rf"\b{name}\b", text)
    ]
    assert unused == []


def test_a_misspelt_symbol_is_found():
    source = """
        def enrol():
            from common.djangoapps.student.models import CourseEnrolment
    """
    facts = load_facts()
    assert [find_facts(*use, facts) for use in count_uses(source)] == [[]]


def test_a_misspelt_member_is_found():
    source = """
        def enrol():
            from common.djangoapps.student.models import CourseEnrollment
            CourseEnrollment.enrol(user, key)
    """
    facts = load_facts()
    unknown = [
        symbol for module, symbol in count_uses(source) if not find_facts(module, symbol, facts)
    ]
    assert unknown == ["CourseEnrollment.enrol"]


def test_a_module_outside_the_contract_is_found():
    facts = load_facts()
    source = "from openedx.core.djangoapps.theming.helpers import get_current_site"
    assert [find_facts(*use, facts) for use in count_uses(source)] == [[]]
