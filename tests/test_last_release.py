"""What the last release had is read from the commit that pyproject.toml names."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import changelog, last_release
from scripts.last_release import LastReleaseMissing
from tests.git_clones import run

CHANGELOG = """\
# Changelog

## [Unreleased]

- `new`

## [0.2.0] - 2027-01-01

- `newer`
  in two lines

- another

## [0.1.0] - 2026-12-01

- `old`
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository with two commits, the first of which is the last release."""
    folder = tmp_path / "clone"
    (folder / "package").mkdir(parents=True)
    run(folder, "init", "--quiet")
    (folder / "package" / "one.py").write_text("ONE = 1\n")
    (folder / "CHANGELOG.md").write_text(CHANGELOG)
    run(folder, "add", "--all")
    run(folder, "commit", "--quiet", "--message", "First")
    name_release(folder, run(folder, "rev-parse", "HEAD"))
    (folder / "package" / "one.py").write_text("ONE = 2\n")
    run(folder, "add", "--all")
    run(folder, "commit", "--quiet", "--message", "Second")
    return folder


def name_release(folder: Path, commit: str) -> None:
    (folder / "pyproject.toml").write_text(f'[tool.token_payments]\nlast_release = "{commit}"\n')


def test_files_are_read_as_they_were(clone: Path, tmp_path: Path) -> None:
    assert last_release.read_file("package/one.py", clone) == "ONE = 1\n"
    last_release.extract("package", tmp_path / "there", clone)
    assert (tmp_path / "there" / "package" / "one.py").read_text() == "ONE = 1\n"
    assert last_release.find_last_version(clone) == "0.2.0"


def test_a_shallow_clone_says_what_to_do(clone: Path, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    run(tmp_path, "clone", "--quiet", "--depth", "1", clone.as_uri(), str(shallow))
    with pytest.raises(LastReleaseMissing, match="git fetch --unshallow"):
        last_release.read_file("package/one.py", shallow)
    run(shallow, "fetch", "--quiet", "--unshallow")
    assert last_release.read_file("package/one.py", shallow) == "ONE = 1\n"


def test_a_folder_that_is_no_clone_says_so(tmp_path: Path) -> None:
    name_release(tmp_path, "a" * 40)
    with pytest.raises(LastReleaseMissing, match="no clone"):
        last_release.read_file("package/one.py", tmp_path)


def test_a_file_that_was_not_there_is_told_by_git(clone: Path) -> None:
    with pytest.raises(LastReleaseMissing, match="package/two"):
        last_release.read_file("package/two.py", clone)


def test_the_line_names_a_commit_of_this_clone_and_its_tag_if_it_has_one() -> None:
    commit, version = last_release.read_commit(), last_release.find_last_version()
    tags = run(last_release.REPOSITORY, "tag", "--list", f"v{version}")
    if tags:
        assert run(last_release.REPOSITORY, "rev-list", "-n", "1", f"v{version}") == commit
    assert len(commit) == 40


def test_only_what_is_unreleased_counts() -> None:
    text = changelog.read_unreleased("0.1.0", CHANGELOG)
    assert "`new`" in text
    assert "`newer`" in text
    assert "`old`" not in text
    assert "`newer`" not in changelog.read_unreleased("0.2.0", CHANGELOG)
    assert "`old`" in changelog.read_unreleased(None, CHANGELOG)


def test_versions_have_dates() -> None:
    assert changelog.compute_version(CHANGELOG) == "0.2.0"
    assert changelog.compute_version("# Changelog\n\n## [Unreleased]\n") is None
    assert changelog.read_section("0.1.0", CHANGELOG) == "- `old`"


def test_an_entry_has_all_of_its_lines() -> None:
    assert changelog.list_entries("- `newer", CHANGELOG) == ["- `newer`\n  in two lines\n\n"]
