"""All that the plugin takes from the LMS is a fact of the contract, and marked as required."""

import ast
import textwrap
from pathlib import Path

from token_payments import hosts
from token_payments.hosts.contract import load_facts

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
        names, inner = [node.attr], node.value
        while isinstance(inner, ast.Attribute):
            names.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name) and inner.id in self.imported:
            module, symbol = self.imported[inner.id]
            self.found.add((module, ".".join([symbol, *reversed(names)])))
        else:
            self.generic_visit(node)


def find_uses(source):
    """Function by function, since each has imports of its own."""
    uses = Uses()
    uses.visit(ast.parse(textwrap.dedent(source)))
    return uses.found


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
    return {(path.name, *use) for path in FILES for use in find_uses(path.read_text())}


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


def test_a_misspelt_symbol_is_found():
    source = """
        def enrol():
            from common.djangoapps.student.models import CourseEnrolment
    """
    facts = load_facts()
    assert [find_facts(*use, facts) for use in find_uses(source)] == [[]]


def test_a_misspelt_member_is_found():
    source = """
        def enrol():
            from common.djangoapps.student.models import CourseEnrollment
            CourseEnrollment.enrol(user, key)
    """
    facts = load_facts()
    unknown = [
        symbol for module, symbol in find_uses(source) if not find_facts(module, symbol, facts)
    ]
    assert unknown == ["CourseEnrollment.enrol"]


def test_a_module_outside_the_contract_is_found():
    facts = load_facts()
    source = "from openedx.core.djangoapps.theming.helpers import get_current_site"
    assert [find_facts(*use, facts) for use in find_uses(source)] == [[]]
