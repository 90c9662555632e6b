"""Write docs/openapi.yaml from the API's code, and refuse what would break its clients.

The baseline, docs/openapi.v1.baseline.yaml, is what the last release described.

python scripts/write_openapi.py               write, unless that breaks clients of the baseline
python scripts/write_openapi.py --check       write nothing, end with 1 where that would
python scripts/write_openapi.py --baseline    at a release: what is described now is the baseline
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "mini_lms")]

from scripts.changelog import read_unreleased  # noqa: E402 (the path first)
from scripts.openapi_breaks import find_breaks  # noqa: E402

PAGE = REPOSITORY / "docs" / "openapi.yaml"
BASELINE = REPOSITORY / "docs" / "openapi.v1.baseline.yaml"
#: How a line of the changelog begins that says what breaks.
BREAKS = "- **The API breaks:**"


def main() -> int:
    text = render()
    broken = find_breaks(read_baseline(), read(text))
    for line in broken:
        print(f"breaks clients: {line}")
    if "--baseline" in sys.argv:
        return renew_baseline(text, broken)
    if broken:
        print("v1 only grows: keep what was, or put the new shape beside it")
        return 1
    if text == PAGE.read_text():
        return 0
    if "--check" in sys.argv:
        print("docs/openapi.yaml is out of date: python scripts/write_openapi.py")
        return 1
    PAGE.write_text(text)
    return 0


def renew_baseline(text: str, broken: list[str], changelog: str | None = None) -> int:
    """1, and nothing is written, while the changelog doesn't own up to what breaks."""
    if broken and BREAKS not in (read_unreleased() if changelog is None else changelog):
        print(f"Not written: a line of the changelog has to begin with “{BREAKS}”")
        return 1
    PAGE.write_text(text)
    BASELINE.write_text(text)
    return 0


def read_baseline() -> Any:
    return read(BASELINE.read_text())


def read(text: str) -> Any:
    import yaml

    return yaml.safe_load(text)


def render() -> str:
    """The description as YAML. Raises SystemExit when drf-spectacular warns of something."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.envs.test")
    import django

    django.setup()
    from drf_spectacular.drainage import GENERATOR_STATS

    from token_payments.rest_api.v1.document import write_document

    text = write_document().decode()
    if GENERATOR_STATS:
        GENERATOR_STATS.emit_summary()
        sys.exit("drf-spectacular warns: see above")
    return text


if __name__ == "__main__":
    sys.exit(main())
