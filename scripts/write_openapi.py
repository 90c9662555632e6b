"""Write docs/openapi.yaml from the API's code, and refuse what would break its clients.

What the last release described is read from its commit (scripts/last_release.py).

python scripts/write_openapi.py               write, unless that breaks clients of the last release
python scripts/write_openapi.py --check       write nothing, end with 1 where that would
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "mini_lms")]

from scripts import last_release  # noqa: E402 (the path first)
from scripts.changelog import list_entries, read_unreleased  # noqa: E402
from scripts.openapi_breaks import find_breaks  # noqa: E402

PATH = "docs/openapi.yaml"
PAGE = REPOSITORY / PATH
ROOT = "/token-payments/api/v1"
#: How an entry of the changelog begins that says what breaks, and where: `GET /accounts/{id}/`.
BREAKS = "- **The API breaks:**"


def main() -> int:
    text = render()
    try:
        broken = find_breaks(read_last_release(), read(text))
        unowned = list_unowned(broken, read_unreleased(last_release.find_last_version()))
    except last_release.LastReleaseMissing as problem:
        print(problem)
        return 1
    for line in broken:
        print(f"breaks clients: {line}")
    if unowned:
        print("v1 only grows: keep what was, or put the new shape beside it. If it has to be, an")
        print(f"entry of the changelog begins with “{BREAKS}” and names, in backticks:")
        print("\n".join(unowned))
        return 1
    if text == PAGE.read_text():
        return 0
    if "--check" in sys.argv:
        print("docs/openapi.yaml is out of date: python scripts/write_openapi.py")
        return 1
    PAGE.write_text(text)
    return 0


def list_unowned(broken: Sequence[str], changelog: str) -> list[str]:
    """The operations that break clients and that the changelog doesn't own up to."""
    owned = set(re.findall(r"`([A-Z]+ /[^`]*)`", "".join(list_entries(BREAKS, changelog))))
    operations = (re.split(r"[ :]", line.replace(ROOT, "", 1), maxsplit=2)[:2] for line in broken)
    return sorted({" ".join(operation) for operation in operations} - owned)


def read_last_release() -> Any:
    """What the last release described. Raises LastReleaseMissing."""
    return read(last_release.read_file(PATH))


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
