"""Modules that import each other in a circle."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from scripts.measures.source import Figure, Module, Source, count

Graph = Mapping[str, set[str]]


def list_cycles(source: Source) -> Figure:
    """Circles of modules of the package that import each other when the program runs.

    An import within a function counts, since it only hides a circle; one for the type checker
    (``if TYPE_CHECKING``) doesn't. ``from package import name`` is an import of ``package.name``
    where that is a module, else of ``package``. Each group of modules that reach each other counts
    once.
    """
    graph = {module.name: set(_list_imports(source, module)) for module in source}
    return count([" <-> ".join(sorted(group)) for group in _find_circles(graph)])


def _list_imports(source: Source, module: Module) -> Iterator[str]:
    for node in _walk_running(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in source.modules)
        elif isinstance(node, ast.ImportFrom):
            base = _get_base(module, node)
            for alias in node.names:
                full = f"{base}.{alias.name}"
                if full in source.modules:
                    yield full
                elif base in source.modules and base != module.name:
                    yield base


def _walk_running(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below, but not what stands under ``if TYPE_CHECKING``."""
    yield node
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        children: Iterable[ast.AST] = node.orelse
    else:
        children = ast.iter_child_nodes(node)
    for child in children:
        yield from _walk_running(child)


def _get_base(module: Module, node: ast.ImportFrom) -> str:
    """The module that ``from`` names, also when it is named by dots."""
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    keep = len(parts) - node.level + (1 if module.is_package else 0)
    return ".".join([*parts[:keep], *([node.module] if node.module else [])])


def _find_circles(graph: Graph) -> Iterator[set[str]]:
    """Groups of nodes that reach each other; the largest such groups, each once."""
    left = {name: set(imported) for name, imported in graph.items()}
    while True:
        try:
            TopologicalSorter(left).prepare()
        except CycleError as error:
            start = error.args[1][0]
        else:
            return
        group = _reach(left, start) & _reach(_turn(left), start)
        yield group
        left = {name: imported - group for name, imported in left.items() if name not in group}


def _reach(graph: Graph, start: str) -> set[str]:
    found, waiting = {start}, [start]
    while waiting:
        new = graph.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def _turn(graph: Graph) -> Graph:
    turned: dict[str, set[str]] = {name: set() for name in graph}
    for name, imported in graph.items():
        for other in imported:
            turned.setdefault(other, set()).add(name)
    return turned
