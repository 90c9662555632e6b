"""What the changelog says of what isn't released yet."""

from __future__ import annotations

from pathlib import Path

CHANGELOG = Path(__file__).resolve().parents[1] / "CHANGELOG.md"


def read_unreleased(text: str | None = None) -> str:
    _, _, rest = (text or CHANGELOG.read_text()).partition("\n## [Unreleased]\n")
    return rest.partition("\n## [")[0]
