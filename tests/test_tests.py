"""The rules of the tests themselves."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def list_imports(code: str) -> Iterator[str]:
    """Each module, and each name of it, that is imported anywhere in the code."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module or ''}.{alias.name}" for alias in node.names)


def is_from_a_test_module(name: str) -> bool:
    """A test is a module ``test_...`` of this package; what several share stands beside it."""
    package, *path = name.split(".")
    files = (HERE.joinpath(*path[:end]).with_suffix(".py") for end in range(1, len(path) + 1))
    return package == "tests" and any(
        file.name.startswith("test_") and file.is_file() for file in files
    )


@pytest.mark.parametrize(
    "code",
    [
        "import tests.test_house",
        "from tests.test_house import CHAIN",
        "from tests.wallets import test_issues",
        "def f():\n    from tests.wallets.test_issues import NOW",
    ],
)
def test_an_import_from_a_test_module_is_seen(code: str) -> None:
    assert any(map(is_from_a_test_module, list_imports(code)))


def test_no_module_imports_from_a_test_module() -> None:
    found = {
        str(path.relative_to(HERE)): name
        for path in HERE.rglob("*.py")
        for name in list_imports(path.read_text())
        if is_from_a_test_module(name)
    }
    assert found == {}
