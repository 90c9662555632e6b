"""Pages of assignments by their ids: as fast at the end of a long list as at its beginning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from token_payments.models import CodeAssignment
from token_payments.portal.tokens.forms import read_ids

SIZE = 50  # learners


@dataclass(frozen=True)
class AssignmentPage:
    """Some assignments, the newest first; ``newer`` and ``older`` lead to the pages beside it."""

    rows: list[CodeAssignment]
    newer: int | None
    older: int | None


def get_page(assignments: QuerySet[CodeAssignment], data: Mapping[str, str]) -> AssignmentPage:
    """The page after (older than) or before (newer than) the id that ``data`` names, or the first.

    In one query. ``assignments`` are the newest first.
    """
    after, before = _read_id(data, "after"), _read_id(data, "before")
    if before is not None:
        found = list(assignments.filter(pk__gt=before).reverse()[: SIZE + 1])
        rows = found[:SIZE][::-1]
        more_newer, more_older = len(found) > SIZE, bool(rows)
    else:
        older = assignments if after is None else assignments.filter(pk__lt=after)
        found = list(older[: SIZE + 1])
        rows = found[:SIZE]
        more_newer, more_older = after is not None, len(found) > SIZE
    return AssignmentPage(
        rows,
        newer=rows[0].pk if rows and more_newer else None,
        older=rows[-1].pk if rows and more_older else None,
    )


def _read_id(data: Mapping[str, str], name: str) -> int | None:
    ids = read_ids([data.get(name, "")])
    return ids[0] if ids else None
