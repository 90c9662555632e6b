"""The last release: the commit that pyproject.toml names, and what stood there, read from git.

A commit is a release once its changelog has a dated section. Before the first one the line names
the commit whose REST API that release will keep.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
import tomllib
from pathlib import Path

from scripts.changelog import compute_version

REPOSITORY = Path(__file__).resolve().parents[1]

MISSING = """\
The last release, commit {commit}, isn't in this clone, so that nothing can be compared with it.
A shallow clone gets the rest by: git fetch --unshallow
In CI, clone the whole history (actions/checkout: fetch-depth: 0).
"""
NO_CLONE = "This is no clone of the git repository: what the last release had can't be read here."


class LastReleaseMissing(Exception):
    """The text says what to do about it."""


def read_commit(repository: Path = REPOSITORY) -> str:
    pyproject = tomllib.loads((repository / "pyproject.toml").read_text())
    return str(pyproject["tool"]["token_payments"]["last_release"])


def read_file(path: str, repository: Path = REPOSITORY) -> str:
    """The file as the last release had it. Raises LastReleaseMissing."""
    return _ask_git(repository, "show", f"{read_commit(repository)}:{path}").decode()


def extract(path: str, target: Path, repository: Path = REPOSITORY) -> None:
    """Write the folder as the last release had it into ``target``. Raises LastReleaseMissing.

    Not with griffe's own ``load_git``: that makes a branch and a work tree in the clone, and two
    runs at a time are in each other's way.
    """
    packed = _ask_git(repository, "archive", read_commit(repository), path)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(target, filter="data")


def find_last_version(repository: Path = REPOSITORY) -> str | None:
    """The last release's version; None before the first. Raises LastReleaseMissing."""
    return compute_version(read_file("CHANGELOG.md", repository))


def _ask_git(repository: Path, *arguments: str) -> bytes:
    done = subprocess.run(
        ["git", "-C", str(repository), *arguments], capture_output=True, check=False
    )
    if done.returncode == 0:
        return done.stdout
    if not (repository / ".git").exists():
        raise LastReleaseMissing(NO_CLONE)
    commit = read_commit(repository)
    known = subprocess.run(
        ["git", "-C", str(repository), "cat-file", "-e", f"{commit}^{{commit}}"],
        capture_output=True,
        check=False,
    )
    if known.returncode:
        raise LastReleaseMissing(MISSING.format(commit=commit))
    raise LastReleaseMissing(done.stderr.decode())
