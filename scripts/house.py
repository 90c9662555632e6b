"""The figures of the house: how many rooms it has, and how far a payment walks through them.

    python scripts/house.py             the figures, with their limits
    python scripts/house.py --check     the same; ends with 1 when one is past its limit
    python scripts/house.py --places    the same, with every place that makes a figure too high
    python scripts/house.py --places=finders    with all places of one measure

What each counts is said by its function in scripts/measures/.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from scripts.measures import cycles, finish, refusals, shape  # noqa: E402
from scripts.measures.source import Figure, Source  # noqa: E402

PACKAGE = REPOSITORY / "token_payments"


@dataclass(frozen=True)
class Limit:
    """A measure of the source with what it may come to; without a limit it only tells.

    ``goal`` is where it is to get, where it isn't there yet: ``most`` then only comes down.
    """

    name: str
    text: str
    measure: Callable[[Source], Figure] | None
    most: int | None = None
    goal: int | None = None


LIMITS = (
    Limit("shelf", "names on the top shelf", shape.list_shelf, 36),
    Limit("lines", "lines of Python in the package", shape.count_lines, 46_000, 43_500),
    Limit("files", "files over 350 lines", shape.list_long_files, 0),
    Limit("functions", "functions over 40 lines", shape.list_long_functions, 0),
    Limit("cycles", "import cycles", cycles.list_cycles, 0),
    Limit("queueing", "uses of queue_... in interfaces", shape.list_queueing, 0),
    Limit("refusals", "tables of refusals", refusals.list_tables, 1),
    Limit("surface", "names in api.py", shape.list_surface, 80),
    Limit("finders", "functions named find_...", shape.list_finders, 90),
    Limit("namesakes", "class names defined twice", shape.list_namesakes, 0),
    Limit("walked", "functions that a Finish walks through", None, 90),
    Limit("switches", "calls between packages in a Finish", None, 45),
    Limit("whats", "docstrings that begin with What", shape.list_what_docstrings),
    Limit("what-modules", "docstrings of modules that do", shape.list_what_modules),
    Limit("whoever", "lines with whoever", shape.list_whoevers),
    Limit("nobody", "lines with nobody", shape.list_nobodies),
)


def main() -> int:
    asked = _read_arguments()
    figures = measure(Source(PACKAGE))
    over = [limit for limit in LIMITS if _is_over(limit, figures[limit.name])]
    for limit in LIMITS:
        figure = figures[limit.name]
        most = "" if limit.most is None else f"<= {limit.most:,}"
        verdict = "  OVER" if limit in over else ""
        if limit.goal is not None:
            verdict += f"  goal {limit.goal:,}"
        print(f"{limit.name:12}  {limit.text:38}  {figure.value:7,}  {most:9}{verdict}")
        if asked.places == limit.name or (asked.places == "over" and limit in over):
            print("".join(f"    {place}\n" for place in figure.places), end="")
    return int(bool(over) and asked.check)


def measure(source: Source) -> dict[str, Figure]:
    """Every figure by its name."""
    figures = {limit.name: limit.measure(source) for limit in LIMITS if limit.measure}
    walk = finish.walk(source.package)
    return figures | {"walked": walk.list_functions(), "switches": walk.list_switches()}


def _is_over(limit: Limit, figure: Figure) -> bool:
    return limit.most is not None and figure.value > limit.most


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="end with 1 when a limit is passed")
    parser.add_argument(
        "--places",
        nargs="?",
        const="over",
        choices=["over", *(limit.name for limit in LIMITS)],
        help="with the places of what is too high, or of one measure",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
