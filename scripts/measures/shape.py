"""Sizes, names and words of the package, by its syntax trees."""

from __future__ import annotations

import ast
import re
from collections import defaultdict

from scripts.measures.source import Figure, Source, count

MAX_FILE, MAX_FUNCTION = 350, 40
#: Layers that people and programs meet, and the modules that the host calls.
INTERFACES = (
    *("admin", "lms", "management", "portal", "rest_api", "templatetags"),
    *("overrides", "pipeline", "receivers"),
)
#: Django finds these classes by their names.
NAMED_BY_DJANGO = {"Command", "Media", "Meta", "Migration"}


def list_shelf(source: Source) -> Figure:
    """Python modules and packages directly in the plugin, without ``__init__``.

    Folders with data alone (templates, static, locale, mako) aren't names that Python knows.
    """
    return count(sorted({module.shelf for module in source if module.shelf}))


def count_lines(source: Source) -> Figure:
    """Lines of all Python files, blank ones, comments and migrations too, as ``wc -l`` counts."""
    return Figure(sum(module.text.count("\n") for module in source))


def list_long_files(source: Source) -> Figure:
    """Python files of more than 350 lines, migrations aside."""
    return count(
        [
            f"{module.name}: {len(module.lines)}"
            for module in source
            if len(module.lines) > MAX_FILE and not module.is_migration
        ]
    )


def list_long_functions(source: Source) -> Figure:
    """Functions and methods of more than 40 lines, from ``def`` to the last, decorators aside."""
    return count(
        [
            f"{module.locate(function)} {function.name}: {length}"
            for module in source
            for function in module.list_functions()
            if (length := (function.end_lineno or 0) - function.lineno + 1) > MAX_FUNCTION
        ]
    )


def list_queueing(source: Source) -> Figure:
    """Uses of a name that begins with ``queue_`` in an interface: calls, and functions given on.

    Imports aren't uses.
    """
    return count(
        [
            f"{module.locate(node)} {name}"
            for module in source
            if module.shelf in INTERFACES
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Attribute | ast.Name)
            and (name := node.attr if isinstance(node, ast.Attribute) else node.id).startswith(
                "queue_"
            )
        ]
    )


def list_surface(source: Source) -> Figure:
    """Names in ``__all__`` of the plugin's ``api``, a list or tuple of texts."""
    names: list[str] = []
    for module in source.list_below("api"):
        for node in module.tree.body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
                names += ast.literal_eval(node.value)
    return count(names)


def list_finders(source: Source) -> Figure:
    """Functions and methods named ``find_`` or ``_find_`` something."""
    return count(
        [
            f"{module.locate(function)} {function.name}"
            for module in source
            for function in module.list_functions()
            if re.match(r"_*find_", function.name)
        ]
    )


def list_namesakes(source: Source) -> Figure:
    """Names that more than one class has, whichever modules or classes these stand in.

    Names that Django asks for (Command, Media, Meta, Migration) aside.
    """
    found: defaultdict[str, list[str]] = defaultdict(list)
    for module in source:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef) and node.name not in NAMED_BY_DJANGO:
                found[node.name].append(module.locate(node))
    return count(
        [f"{name}: {', '.join(places)}" for name, places in found.items() if len(places) > 1]
    )


def list_what_docstrings(source: Source) -> Figure:
    """Docstrings of functions and classes that begin with the word "What"."""
    return _list_whats(source, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))


def list_what_modules(source: Source) -> Figure:
    """Docstrings of modules and packages that begin with the word "What"."""
    return _list_whats(source, (ast.Module,))


def list_whoevers(source: Source) -> Figure:
    """Lines of Python files with "whoever", in large or small letters."""
    return _list_lines(source, "whoever")


def list_nobodies(source: Source) -> Figure:
    """Lines of Python files with "nobody", in large or small letters."""
    return _list_lines(source, "nobody")


def _list_whats(source: Source, kinds: tuple[type[ast.AST], ...]) -> Figure:
    places = []
    for module in source:
        for node in ast.walk(module.tree):
            if isinstance(node, kinds):
                text = ast.get_docstring(node) or ""  # type: ignore[arg-type]
                if re.match(r"What\b", text):
                    places.append(f"{module.name}:{getattr(node, 'lineno', 1)} {text[:60]!r}")
    return count(places)


def _list_lines(source: Source, word: str) -> Figure:
    return count(
        [
            f"{module.name}:{number} {line.strip()}"
            for module in source
            for number, line in enumerate(module.lines, start=1)
            if word in line.lower()
        ]
    )
