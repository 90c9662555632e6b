"""The package's Python files, read once, and what every measure gives back."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

Definition = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Figure:
    """A measured value, and the places that it is made of where each can be named."""

    value: int
    places: tuple[str, ...] = ()


def count(places: list[str]) -> Figure:
    """The figure that is the number of these places."""
    return Figure(len(places), tuple(places))


@dataclass(frozen=True)
class Module:
    """One file: its dotted name (a package's for ``__init__``), its text and its syntax tree."""

    name: str
    path: Path
    text: str
    tree: ast.Module

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"

    @property
    def is_migration(self) -> bool:
        return ".migrations" in self.name

    @property
    def shelf(self) -> str:
        """The module or package directly in the plugin that it belongs to; empty for the root."""
        return "".join(self.name.split(".")[1:2])

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    def list_functions(self) -> Iterator[Definition]:
        """Functions, methods and functions within functions."""
        for node in ast.walk(self.tree):
            if isinstance(node, Definition):
                yield node

    def locate(self, node: ast.stmt | ast.expr) -> str:
        return f"{self.name}:{node.lineno}"


class Source:
    """All modules of a package in a folder that has the package's name."""

    def __init__(self, package: Path) -> None:
        self.package = package
        self.modules = {module.name: module for module in _read(package)}

    def __iter__(self) -> Iterator[Module]:
        return iter(self.modules.values())

    def list_below(self, name: str) -> list[Module]:
        """The module of this name in the package, and those in it if it is a package itself."""
        full = f"{self.package.name}.{name}"
        return [module for module in self if f"{module.name}.".startswith(f"{full}.")]


def _read(package: Path) -> Iterator[Module]:
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        text = path.read_text()
        yield Module(name, path, text, ast.parse(text))
