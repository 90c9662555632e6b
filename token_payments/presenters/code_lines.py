"""An order's codes, each with its learner, its enrolment, and whose it is.

A page costs the same few queries for ten codes and for a million.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.checkout import queries as checkout_queries
from token_payments.db.numbers import read_number
from token_payments.errors import CodeMistyped, ConfigurationError
from token_payments.hosts import host, list_name_relations
from token_payments.hosts.base import Enrolment, User
from token_payments.models import CodeAssignment, CodeStatus, Redemption, TokenCode, TokenOrder
from token_payments.orders import queries as order_queries


@dataclass(frozen=True)
class CodeLine:
    """A code as the help page words it: ``code`` is empty while it is masked.

    Available: nothing but the code. Cancelled or replaced: says so under ``enrolment``. Redeemed:
    the learner's name and address, how the learner is enrolled, and since when. ``assignment`` is
    whom it was given to, used or not; of a replaced code, whom it was taken from.
    """

    serial: int
    last_four: str
    status: str
    code: str = ""
    learner: str = ""
    email: str = ""
    enrolment: str = ""
    since: datetime | None = None
    assignment: CodeAssignment | None = None


def describe_codes(
    order: TokenOrder, codes: Sequence[TokenCode], written: Mapping[int, str] | None = None
) -> list[CodeLine]:
    """The codes with learners, enrolments and whom they were given to: three queries.

    ``written`` has the codes in full, by serial.
    """
    redemptions = _get_redemptions(codes)
    assignments = _get_assignments(codes)
    item_key = order.course.item_key
    enrolments = host.list_enrolments(
        (redemption.learner_id, item_key) for redemption in redemptions.values()
    )
    lines = []
    for code in codes:
        redemption = redemptions.get(code.pk)
        learner = redemption.learner if redemption else None
        enrolment = enrolments.get((learner.pk, item_key)) if learner else None
        text = (written or {}).get(code.serial, "")
        lines.append(_describe(code, text, learner, enrolment, assignments.get(code.pk)))
    return lines


def get_checkout_url(order: TokenOrder) -> str:
    """Where the order's codes are redeemed, with scheme and host; ``#code=`` and one may follow."""
    path = reverse("token_payments:checkout", kwargs={"item_key": order.course.item_key})
    return host.absolute_url(path)


def _describe(
    code: TokenCode,
    text: str,
    learner: User | None,
    enrolment: Enrolment | None,
    assignment: CodeAssignment | None,
) -> CodeLine:
    return CodeLine(
        serial=code.serial,
        last_four=code.last_four,
        status=code.status,
        code=text,
        learner=host.get_full_name(learner) if learner is not None else "",
        email=learner.email if learner is not None else "",
        enrolment=_write_status(code) if learner is None else _write_enrolment(enrolment),
        since=enrolment.since if enrolment else None,
        assignment=assignment,
    )


def _write_status(code: TokenCode) -> str:
    is_dead = code.status in {CodeStatus.CANCELLED, CodeStatus.REPLACED}
    return str(CodeStatus(code.status).label) if is_dead else ""


def _write_enrolment(enrolment: Enrolment | None) -> str:
    if enrolment is None:
        return gettext("Not enrolled")
    if not enrolment.is_active:
        return gettext("Unenrolled")
    return gettext("Enrolled (%(mode)s)") % {"mode": enrolment.mode}


def _get_redemptions(codes: Sequence[TokenCode]) -> dict[int, Redemption]:
    redeemed = [code.pk for code in codes if code.status == CodeStatus.REDEEMED]
    live = Redemption.objects.filter(code__in=redeemed, live=True)
    rows = live.select_related(*list_name_relations("learner"))
    return {int(row.code_id): row for row in rows if row.code_id is not None}


def _get_assignments(codes: Sequence[TokenCode]) -> dict[int, CodeAssignment]:
    """Each code's: it has one at most, since taking it away replaces the code."""
    rows = CodeAssignment.objects.filter(code__in=[code.pk for code in codes])
    return {int(row.code_id): row for row in rows}


#: What the list can be narrowed to: a state, or those that were given to somebody, used or not.
STATUSES: tuple[tuple[str, Any], ...] = (*CodeStatus.choices, ("assigned", _("Assigned")))


@dataclass(frozen=True)
class CodeChoice:
    """Which of the order's codes an address means."""

    status: str
    text: str
    after: int | None = None
    before: int | None = None

    @property
    def filter_query(self) -> str:
        """The filter as it stands in an address."""
        values = {"status": self.status, "q": self.text}
        return urlencode({name: value for name, value in values.items() if value})

    def get_page(self, order: TokenOrder, size: int) -> checkout_queries.CodePage:
        codes = checkout_queries.filter_codes(order, status=self.status, text=self.text)
        return checkout_queries.get_code_page(
            codes, after=self.after, before=self.before, size=size
        )


def read_choice(query: Mapping[str, str]) -> CodeChoice:
    """The filter that an address or a search says; parts that make no sense are left out."""
    status = query.get("status", "")
    return CodeChoice(
        status=status if status in dict(STATUSES) else "",
        text=query.get("q", "").strip(),
        after=read_number(query.get("after", "")),
        before=read_number(query.get("before", "")),
    )


def read_search(order: TokenOrder, sent: Mapping[str, str]) -> tuple[CodeChoice, bool]:
    """The choice that an address may hold, and whether the order has what was searched for.

    Codes and people become serial numbers.
    """
    asked = read_choice(sent)
    text = asked.text.replace("\0", "")
    found = checkout_queries.read_search(order, text, status=asked.status)
    return CodeChoice(asked.status, found or ""), found is not None


def find_code(text: str) -> TokenCode | None:
    """The code that was typed; None for everything that isn't a whole, existing code.

    Also while the settings have no usable key: nothing can be looked for by its code then.
    """
    try:
        return order_queries.find_code(text)
    except (CodeMistyped, ConfigurationError):
        return None
