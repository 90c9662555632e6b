"""Findings, which checks yield, and the walk of checks through large tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext

M = TypeVar("M", bound=Model)
CHUNK = 5000


class Severity(StrEnum):
    """An error says that the books are wrong; a note that somebody should know, or do something."""

    ERROR = "error"
    NOTE = "note"


@dataclass(frozen=True)
class Repair:
    """``text`` says what ``run`` does.

    It looks again under locks, in a transaction of its own, and returns whether it changed
    anything: doing it twice does it once.
    """

    text: str
    run: Callable[[], bool]


def call_support() -> str:
    """The advice for what can't be put right without knowing how it came about."""
    return gettext(
        "This can't come from using the plugin. Find out what wrote to the database beside it, and "
        "compare with a backup before changing anything."
    )


@dataclass(frozen=True)
class Finding:
    """One disagreement. ``subject`` names the row as people find it, ``advice`` what to do.

    Left out, it is to look for what wrote to the database beside the plugin.
    """

    subject: str
    text: str
    advice: str = field(default_factory=call_support)
    severity: Severity = Severity.ERROR
    repair: Repair | None = None
    check: str = ""  # written by ``examine``


def walk(rows: QuerySet[M], size: int = CHUNK) -> Iterator[QuerySet[M]]:
    """The rows by their ids, in querysets of up to ``size`` each.

    ``rows`` is a plain table or an indexed part of it: what a check looks for belongs on the parts.
    """
    last = 0
    while True:
        rest = rows.filter(pk__gt=last).order_by("pk")
        ends = list(rest.values_list("pk", flat=True)[size - 1 : size])
        if not ends:
            yield rest
            return
        yield rest.filter(pk__lte=ends[0])
        last = ends[0]
