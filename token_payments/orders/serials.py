"""Some tokens of an order, by their numbers, as people write them: ``3, 7-9``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Q, QuerySet

MAX_SERIALS = 255  # characters, which is room for some fifty numbers and ranges
PART = re.compile(r"([0-9]{1,9})(?:[-–]([0-9]{1,9}))?")

Rows = TypeVar("Rows", bound=QuerySet[Any, Any])


@dataclass(frozen=True)
class Serials:
    """Some codes of an order by their serial numbers: ranges (first, last), the lowest first.

    No two ranges meet. Without a range no code is chosen. ``Serials.read("3, 7-9")`` reads a text.
    """

    ranges: tuple[tuple[int, int], ...] = ()

    @classmethod
    def read(cls, text: str) -> Serials:
        """Read serial numbers as a person wrote them; empty for an empty text.

        Raises ValueError for anything else than numbers from 1 and ranges, and for too much of it.
        """
        written = re.sub(r"\s*([-–])\s*", r"\1", text.replace(";", ","))
        found = cls(_join(_read_part(part) for part in re.split(r"[,\s]+", written) if part))
        if len(str(found)) > MAX_SERIALS:
            raise ValueError("too many numbers")
        return found

    def __str__(self) -> str:
        """Each number once, so that the same choice is the same text."""
        return ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in self.ranges)

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def count(self) -> int:
        return sum(last - first + 1 for first, last in self.ranges)

    def select(self, codes: Rows) -> Rows:
        """Those of the codes that are meant: all of them when nothing is chosen."""
        meant = Q()
        for first, last in self.ranges:
            meant |= Q(serial__range=(first, last))
        return codes.filter(meant)


def _read_part(part: str) -> tuple[int, int]:
    found = PART.fullmatch(part)
    if not found:
        raise ValueError(part)
    first, last = int(found[1]), int(found[2] or found[1])
    if not 1 <= first <= last:
        raise ValueError(part)
    return first, last


def _join(ranges: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return tuple(joined)
