"""The picture of the house and the list of its rooms, both from setup.cfg's contract of layers.

scripts/write_docs.py puts them into the documentation; a room's text is the first sentence of its
docstring.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from configparser import ConfigParser
from dataclasses import dataclass
from html import escape
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = REPOSITORY / "token_payments"
PICTURE = REPOSITORY / "docs" / "images" / "house.svg"

#: What the storeys from this room downwards are called, with the colour of their rooms.
STOREYS = {
    "apps": ("Ways in", "#dbe9f6"),
    "notifications": ("Services", "#e4f0dc"),
    "checkout": ("The domain", "#fbe6c8"),
    "outbox": ("The ground", "#e6e3ea"),
}
STYLE = 'role="img" font-family="Helvetica, Arial, sans-serif" font-size="15" fill="#1f2430"'
LEGEND = "A room may import the rooms below it: never one above it, nor one beside it."
LABELS, WIDTH, LEFT = 124, 700, 148  # of the column with names; of all rooms; where these begin
FLOOR, GAP, ROOF = 34, 6, 64


@dataclass(frozen=True)
class Floor:
    """Rooms side by side, which don't know each other, and the storey that they belong to."""

    rooms: tuple[str, ...]
    storey: str
    colour: str


def read_floors() -> list[Floor]:
    """The floors from the top to the ground. Raises KeyError for a house without a known storey."""
    parser = ConfigParser()
    parser.read(REPOSITORY / "setup.cfg")
    floors: list[Floor] = []
    for line in parser["importlinter:contract:layers"]["layers"].strip().splitlines():
        rooms = tuple(re.split(r"\s*[|:]\s*", line.strip()))
        begun = [STOREYS[room] for room in rooms if room in STOREYS]
        above = (floors[-1].storey, floors[-1].colour) if floors else STOREYS[rooms[0]]
        floors.append(Floor(rooms, *(begun[0] if begun else above)))
    if len({floor.storey for floor in floors}) != len(STOREYS):
        raise KeyError("a room that begins a storey is gone: say in STOREYS which one does now")
    return floors


def draw() -> str:
    """The house as an SVG, which pages show without any script."""
    floors = read_floors()
    height = ROOF + len(floors) * (FLOOR + GAP) + 34
    total = LEFT + WIDTH + 44
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {height}" {STYLE}>',
        "<title>The house: which package may import which</title>",
        f"<desc>From the top down: {'; '.join(' | '.join(each.rooms) for each in floors)}.</desc>",
        f'<rect width="{total}" height="{height}" rx="8" fill="#ffffff"/>',
        *_draw_roof(),
    ]
    for number, floor in enumerate(floors):
        lines += _draw_floor(floor, ROOF + number * (FLOOR + GAP))
    lines += _draw_storeys(floors)
    lines += _draw_arrow(len(floors))
    lines.append("</svg>")
    return "\n".join(lines) + "\n"


def render_rooms() -> str:
    """A table of all rooms, floor by floor, with what each is for."""
    lines = ["| Storey | Room | What is there |", "|---|---|---|"]
    storey = ""
    for floor in read_floors():
        for room in floor.rooms:
            name = "" if floor.storey == storey else f"**{floor.storey}**"
            lines.append(f"| {name} | `{room}` | {read_purpose(room)} |")
            storey = floor.storey
    return "\n".join([*lines, ""])


def read_purpose(room: str) -> str:
    """The first sentence of the docstring of a package or module of the plugin."""
    path = PACKAGE / room / "__init__.py"
    text = ast.get_docstring(
        ast.parse((path if path.exists() else path.parent.with_suffix(".py")).read_text())
    )
    first = (text or "").split("\n\n")[0].replace("\n", " ")
    return re.split(r"(?<=\.)\s+(?=[A-Z])", first)[0].replace("``", "`").replace("|", "\\|")


def _draw_roof() -> Iterator[str]:
    ridge, eaves = LEFT + WIDTH / 2, ROOF - GAP
    yield (
        f'<path d="M{LEFT - 12} {eaves} L{ridge} 10 L{LEFT + WIDTH + 12} {eaves} Z" fill="#f7f7f8"'
        ' stroke="#8a8f9c"/>'
    )
    yield f'<text x="{ridge}" y="{eaves - 14}" text-anchor="middle">token_payments</text>'


def _draw_floor(floor: Floor, top: int) -> Iterator[str]:
    width = (WIDTH - GAP * (len(floor.rooms) - 1)) / len(floor.rooms)
    for number, room in enumerate(floor.rooms):
        left = LEFT + number * (width + GAP)
        yield (
            f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{FLOOR}" rx="4"'
            f' fill="{floor.colour}" stroke="#8a8f9c"/>'
        )
        yield (
            f'<text x="{left + width / 2:.1f}" y="{top + FLOOR / 2 + 5:.0f}"'
            f' text-anchor="middle" font-family="monospace">{escape(room)}</text>'
        )


def _draw_storeys(floors: list[Floor]) -> Iterator[str]:
    for storey, _ in STOREYS.values():
        numbers = [number for number, floor in enumerate(floors) if floor.storey == storey]
        middle = ROOF + (numbers[0] + numbers[-1] + 1) / 2 * (FLOOR + GAP) - GAP / 2
        yield (
            f'<text x="{LABELS}" y="{middle + 5:.0f}" text-anchor="end" font-weight="bold">'
            f"{escape(storey)}</text>"
        )


def _draw_arrow(floors: int) -> Iterator[str]:
    x, end = LEFT + WIDTH + 24, ROOF + floors * (FLOOR + GAP) - GAP
    line = f"M{x} {ROOF} V{end} M{x - 6} {end - 10} L{x} {end} L{x + 6} {end - 10}"
    yield f'<path d="{line}" fill="none" stroke="#1f2430" stroke-width="2"/>'
    yield f'<text x="{LEFT}" y="{end + 26}" font-size="13">{LEGEND}</text>'
