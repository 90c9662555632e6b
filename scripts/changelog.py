"""What the changelog says of versions, and of what isn't released yet."""

from __future__ import annotations

import re
from pathlib import Path

CHANGELOG = Path(__file__).resolve().parents[1] / "CHANGELOG.md"
UNRELEASED = "\n## [Unreleased]\n"
DATED = re.compile(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})$", re.M)


def compute_version(text: str | None = None) -> str | None:
    """The newest version that has a date."""
    found = DATED.search(_read(text))
    return found[1] if found else None


def read_unreleased(last: str | None, text: str | None = None) -> str:
    """All that came after the version ``last``, also what has a version already; None: all."""
    _, _, rest = _read(text).partition(UNRELEASED)
    return rest if last is None else rest.partition(f"\n## [{last}]")[0]


def read_section(version: str, text: str | None = None) -> str:
    """What changed in this version, without its heading."""
    _, _, rest = _read(text).partition(f"\n## [{version}]")
    return rest.partition("\n")[2].partition("\n## [")[0].strip()


def list_entries(beginning: str, text: str) -> list[str]:
    """The entries of the list that begin so, each with all of its lines."""
    entries = re.split(r"^(?=\S)", text, flags=re.M)
    return [entry for entry in entries if entry.startswith(beginning)]


def _read(text: str | None) -> str:
    return CHANGELOG.read_text() if text is None else text
