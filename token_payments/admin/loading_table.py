"""The table of a load's rows: counts, a filter by verdict with errors first, and pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from token_payments.db.numbers import read_number
from token_payments.imports import reports
from token_payments.imports.verdicts import Outcome, Plan, count
from token_payments.l10n.formats import format_number

PAGE_SIZE = 100
MAX_CHANGES = 8  # of a row, that the table shows
SHOW, PAGE = "show", "page"
BADGES = {
    Outcome.ERROR: "cancelled",
    Outcome.NOT_DONE: "requested",
    Outcome.CREATE: "active",
    Outcome.UPDATE: "processing",
    Outcome.UNCHANGED: "used",
}


def describe_review(
    plans: Sequence[Plan], words: Mapping[Outcome, Any], chosen: Mapping[str, str]
) -> dict[str, Any]:
    """What the table's templates need; ``chosen`` has the filter and the page."""
    counts = count(plans)
    show = chosen.get(SHOW, "")
    outcome = Outcome(show) if show in counts else next(iter(counts))
    matching = [plan for plan in plans if plan.outcome == outcome]
    pages = -(-len(matching) // PAGE_SIZE)
    page = min(max(read_number(chosen.get(PAGE, "")) or 1, 1), pages)
    start = (page - 1) * PAGE_SIZE
    return {
        "total": format_number(len(plans)),
        "counts": [
            {
                "outcome": each.value,
                "label": words[each],
                "number": format_number(number),
                "is_shown": each == outcome,
            }
            for each, number in counts.items()
        ],
        "shown": outcome.value,
        "page": page,
        "pages": pages,
        "newer": page - 1,
        "older": page + 1 if page < pages else 0,
        "rows": [_describe(plan, words) for plan in matching[start : start + PAGE_SIZE]],
    }


def _describe(plan: Plan, words: Mapping[Outcome, Any]) -> dict[str, Any]:
    changes = reports.describe_changes(plan) if not plan.problems else []
    return {
        "line": format_number(plan.line),
        "subject": plan.subject,
        "label": words[plan.outcome],
        "badge": BADGES[plan.outcome],
        "problems": plan.problems,
        "changes": changes[:MAX_CHANGES],
    }
