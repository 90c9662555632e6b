"""`make release`: what stands against it, and the tag that it makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import release
from tests.git_clones import run

CHANGELOG = """\
# Changelog

## [Unreleased]

## [0.1.0] - 2026-12-01

### Added

- All of it.

## [0.0.1] - 2026-11-01

- Before.
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """All is ready for 0.1.0."""
    run(tmp_path, "init", "--quiet")
    for package in release.PACKAGES:
        (tmp_path / package).mkdir(parents=True)
        (tmp_path / package / "__init__.py").write_text('"""Text."""\n\n__version__ = "0.1.0"\n')
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    commit(tmp_path)
    run(tmp_path, "config", "user.name", "Somebody")
    run(tmp_path, "config", "user.email", "somebody@example.com")
    return tmp_path


def commit(clone: Path) -> None:
    run(clone, "add", "--all")
    run(clone, "commit", "--quiet", "--message", "A commit")


def test_nothing_stands_against_what_is_ready(clone: Path) -> None:
    assert release.list_obstacles(clone) == []


def test_the_tag_is_annotated_and_says_what_changed(clone: Path) -> None:
    tag, commit_id = release.make_tag(clone)
    assert tag == "v0.1.0"
    assert (
        commit_id == run(clone, "rev-list", "-n", "1", "v0.1.0") == run(clone, "rev-parse", "HEAD")
    )
    assert run(clone, "cat-file", "-t", "v0.1.0") == "tag"
    message = run(clone, "tag", "--list", "--format=%(contents)", "v0.1.0")
    assert message == "token_payments 0.1.0\n\n### Added\n\n- All of it."


def test_a_version_is_released_once(clone: Path) -> None:
    release.make_tag(clone)
    [obstacle] = release.list_obstacles(clone)
    assert obstacle.startswith("v0.1.0 is released already")


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        ("CHANGELOG.md", "2026-12-01", "soon", "the changelog doesn't begin with “## [0.1.0]"),
        ("CHANGELOG.md", "## [0.1.0]", "## [0.0.9]", "the changelog doesn't begin with"),
        ("CHANGELOG.md", "ased]\n", "ased]\n\n- More.\n", "entries stand under [Unreleased]"),
        ("token_payments/__init__.py", "0.1.0", "0.2.0", "have different versions"),
    ],
)
def test_what_is_not_ready_is_told(
    clone: Path, path: str, old: str, new: str, expected: str
) -> None:
    text = (clone / path).read_text()
    (clone / path).write_text(text.replace(old, new, 1))
    commit(clone)
    assert any(expected in obstacle for obstacle in release.list_obstacles(clone))


def test_a_work_tree_that_is_not_clean_is_told(clone: Path) -> None:
    (clone / "CHANGELOG.md").write_text(f"{CHANGELOG}\n")
    (clone / "new.py").write_text("")
    [obstacle] = release.list_obstacles(clone)
    assert "CHANGELOG.md" in obstacle
    assert "new.py" in obstacle
