"""Places where refusals are worded."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from scripts.measures.source import Figure, Module, Source, count

CATALOGUE = "presenters.refusals"
MIN_CASES = 3
GETTEXT = {
    f"{name}{lazy}"
    for name in ("gettext", "ngettext", "pgettext", "npgettext")
    for lazy in ("", "_lazy")
}


def list_tables(source: Source) -> Figure:
    """Modules that word refusals, where the one catalogue (``presenters.refusals*``) counts once.

    A module does when it has one of these, with three cases or more whose texts go through gettext:

    * a literal of a dict whose keys are error classes, or ``reason`` words of these;
    * a function with ``match``, ``if`` or ``except`` on them.

    The words are the ``reason`` attributes of the classes in ``errors``, the texts that are given
    anywhere as ``reason`` to such a class, and the host's (``Refusal`` of ``hosts.base``).
    """
    words = _read_words(source)
    found = {module.name: list(_Reader(module, words).list_tables()) for module in source}
    worded = [name for name, tables in found.items() if tables]
    catalogue = [name for name in worded if name.startswith(f"{source.package.name}.{CATALOGUE}")]
    others = [f"{name}: {'; '.join(found[name])}" for name in worded if name not in catalogue]
    return count([*([f"the catalogue: {', '.join(catalogue)}"] if catalogue else []), *others])


@dataclass(frozen=True)
class Words:
    """How code can name a refusal: by its class, or by its reason."""

    classes: frozenset[str]
    reasons: frozenset[str]

    def name(self, node: ast.AST | None) -> bool:
        """Whether this names one: by its class, that one's ``reason``, the host's, or the word."""
        match node:
            case ast.Name(id=name):
                return name in self.classes
            case ast.Attribute(value=ast.Name(id="Refusal")):
                return True
            case ast.Attribute(value=owner, attr=name):
                return name in self.classes or (name == "reason" and self.name(owner))
            case ast.Constant(value=word):
                return word in self.reasons
        return False

    def are_in(self, *nodes: ast.AST | None) -> bool:
        return any(self.name(part) for node in nodes if node for part in ast.walk(node))


class _Reader:
    """The tables of one module."""

    def __init__(self, module: Module, words: Words) -> None:
        self.module, self.words = module, words
        self.marks = {
            alias.asname or alias.name
            for node in ast.walk(module.tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
            if alias.name in GETTEXT
        }

    def list_tables(self) -> Iterator[str]:
        for node in ast.walk(self.module.tree):
            if isinstance(node, ast.Dict):
                cases = sum(
                    self.words.name(key) and self._is_worded(value)
                    for key, value in zip(node.keys, node.values, strict=True)
                )
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                cases = sum(map(self._is_case, ast.walk(node)))
            else:
                continue
            if cases >= MIN_CASES:
                yield f"line {node.lineno}, {cases} cases"

    def _is_case(self, node: ast.AST) -> bool:
        """Whether this is one arm of a chain: on a refusal, with a text."""
        match node:
            case ast.match_case(pattern=asked) | ast.If(test=asked):
                return self.words.are_in(asked) and self._is_worded(*node.body)
            case ast.ExceptHandler(type=caught):
                return self.words.are_in(caught) and self._is_worded(*node.body)
        return False

    def _is_worded(self, *nodes: ast.AST) -> bool:
        return any(
            isinstance(part, ast.Call)
            and isinstance(part.func, ast.Name)
            and part.func.id in self.marks
            for node in nodes
            for part in ast.walk(node)
        )


def _read_words(source: Source) -> Words:
    reasons, places = set(), {}
    for module in source.list_below("errors"):
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef):
                reasons |= set(_read_own_reason(node))
                places[node.name] = _find_reason_argument(node)
    for module in source:
        reasons |= set(_list_given_reasons(module, places))
    for module in source.list_below("hosts.base"):
        reasons |= set(_list_host_reasons(module))
    return Words(frozenset(places), frozenset(reasons))


def _read_own_reason(node: ast.ClassDef) -> Iterator[str]:
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="reason")], value=ast.Constant(value=str(word))):
                yield word


def _find_reason_argument(node: ast.ClassDef) -> int | None:
    """At which place the class is given its ``reason``; None when it has one of its own."""
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
            names = [argument.arg for argument in statement.args.args[1:]]
            return names.index("reason") if "reason" in names else None
    return None


def _list_given_reasons(module: Module, places: dict[str, int | None]) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).rpartition(".")[2]
            place = places.get(name)
            given = node.args[place : place + 1] if place is not None else []
            for argument in given:
                match argument:
                    case ast.Constant(value=str(word)):
                        yield word


def _list_host_reasons(module: Module) -> Iterator[str]:
    for node in module.tree.body:
        if isinstance(node, ast.ClassDef) and node.name == "Refusal":
            for part in node.body:
                match part:
                    case ast.Assign(value=ast.Constant(value=str(word))):
                        yield word
