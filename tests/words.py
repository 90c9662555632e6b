"""Which words the package, its texts and its documentation use, and where."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Flag, auto
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = REPOSITORY / "token_payments"
#: The parts of syntax trees that have a name of ours, or use one.
NAMED = {"name", "id", "attr", "arg", "asname"}


class Where(Flag):
    """Kinds of places: names in code and of files; docstrings, comments and pages; other texts."""

    NAMES = auto()
    PROSE = auto()
    TEXTS = auto()
    EVERYWHERE = NAMES | PROSE | TEXTS


@dataclass(frozen=True)
class Place:
    """All that is of one kind in one file: names a line each, or texts."""

    path: str
    kind: Where
    text: str


@cache
def list_places() -> tuple[Place, ...]:
    """Everything that is read: the package without migrations, its templates, the pages."""
    found: dict[tuple[str, Where], dict[str, None]] = {}
    for path, kind, text in (*_list_code(), *_list_templates(), *_list_pages()):
        found.setdefault((path, kind), {})[text] = None
    return tuple(Place(path, kind, "\n".join(texts)) for (path, kind), texts in found.items())


def split_name(name: str) -> str:
    """A name's words, in small letters with one space between two of them."""
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return " ".join(re.split(r"[\W_]+", parts)).strip().lower()


def _list_code() -> Iterator[tuple[str, Where, str]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        if "migrations" not in path.parts:
            yield from _read_code(path)


def _read_code(path: Path) -> Iterator[tuple[str, Where, str]]:
    short, source = str(path.relative_to(REPOSITORY)), path.read_text()
    yield short, Where.NAMES, split_name(str(path.relative_to(PACKAGE).with_suffix("")))
    docstrings = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node
        ):
            docstrings.add(id(node.body[0].value))  # type: ignore[attr-defined]
        for field, value in ast.iter_fields(node):
            if field in NAMED and isinstance(value, str):
                yield short, Where.NAMES, split_name(value)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            kind = Where.PROSE if id(node) in docstrings else Where.TEXTS
            yield short, kind, node.value
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield short, Where.PROSE, token.string


def _list_templates() -> Iterator[tuple[str, Where, str]]:
    for folder in ("templates", "lms/mako"):
        for path in sorted((PACKAGE / folder).rglob("*.*")):
            yield str(path.relative_to(REPOSITORY)), Where.TEXTS, path.read_text()


def _list_pages() -> Iterator[tuple[str, Where, str]]:
    for path in [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]:
        if path.name != "glossary.md":
            yield str(path.relative_to(REPOSITORY)), Where.PROSE, path.read_text()
