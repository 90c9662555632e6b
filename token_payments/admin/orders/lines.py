"""One page of an order's tokens, each with its learner and the enrolment that the host has.

Pages are found by serial number (what comes after, or before), never by counting rows, and cost the
same few queries for ten codes and for a million.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from token_payments.admin.lookups import read_number
from token_payments.admin.people import match_people
from token_payments.hosts import get_host, list_name_relations
from token_payments.hosts.base import Enrolment, User
from token_payments.models import CodeStatus, Redemption, TokenCode, TokenOrder

PAGE_SIZE = 100
LAST_FOUR = 4
MAX_PEOPLE = 1000  # learners that a search for a name may find


@dataclass(frozen=True)
class Line:
    """A token as the help page words it: ``code`` is empty while it is masked.

    Available: nothing but the code. Cancelled: says so under ``enrolment``. Redeemed: the learner's
    name, how the learner is enrolled, and since when.
    """

    serial: int
    last_four: str
    status: str
    code: str = ""
    learner: str = ""
    email: str = ""
    enrolment: str = ""
    since: datetime | None = None


@dataclass(frozen=True)
class CodePage:
    """The codes of one page; ``before`` and ``after`` lead on, None where there is nothing."""

    codes: Sequence[TokenCode]
    before: int | None
    after: int | None


def filter_codes(order: TokenOrder, *, status: str = "", text: str = "") -> QuerySet[TokenCode]:
    """The order's codes in a state, and such as ``text`` means.

    ``#17`` or ``17`` is a serial number, four characters may be the last four of a code, and
    anything may be part of a learner's name, user name or address.
    """
    codes = order.codes.all()
    if status in CodeStatus.values:
        codes = codes.filter(status=status)
    if "\0" in text:  # PostgreSQL refuses it
        return codes.none()
    if text.startswith("#"):
        serial = read_number(text[1:])
        return codes.none() if serial is None else codes.filter(serial=serial)
    return codes.filter(_match(order, text)) if text else codes


def get_page(
    codes: QuerySet[TokenCode], *, after: int | None = None, before: int | None = None
) -> CodePage:
    """Up to PAGE_SIZE codes by serial: those after a serial, or the last ones before one."""
    if before is not None:
        rows = list(codes.filter(serial__lt=before).order_by("-serial")[: PAGE_SIZE + 1])
        found, more = rows[:PAGE_SIZE][::-1], len(rows) > PAGE_SIZE
        if not found:
            return get_page(codes)
        after = found[-1].serial if codes.filter(serial__gte=before).exists() else None
        return CodePage(found, found[0].serial if more else None, after)
    start = after or 0
    rows = list(codes.filter(serial__gt=start).order_by("serial")[: PAGE_SIZE + 1])
    found, more = rows[:PAGE_SIZE], len(rows) > PAGE_SIZE
    has_earlier = bool(start and found)
    return CodePage(
        found, found[0].serial if has_earlier else None, found[-1].serial if more else None
    )


def describe_codes(
    order: TokenOrder, codes: Sequence[TokenCode], written: dict[int, str] | None = None
) -> list[Line]:
    """The codes with learners and enrolments: two queries. ``written`` has the codes in full."""
    redemptions = _find_redemptions(codes)
    item_key = order.course.item_key
    enrolments = get_host().list_enrolments(
        (redemption.learner_id, item_key) for redemption in redemptions.values()
    )
    lines = []
    for code in codes:
        redemption = redemptions.get(code.pk)
        learner = redemption.learner if redemption else None
        enrolment = enrolments.get((learner.pk, item_key)) if learner else None
        text = (written or {}).get(code.serial, "")
        lines.append(_describe(code, text, learner, enrolment))
    return lines


def _describe(
    code: TokenCode, text: str, learner: User | None, enrolment: Enrolment | None
) -> Line:
    if learner is not None:
        return Line(
            code.serial,
            code.last_four,
            code.status,
            text,
            get_host().get_full_name(learner),
            learner.email,
            _write_enrolment(enrolment),
            enrolment.since if enrolment else None,
        )
    cancelled = code.status == CodeStatus.CANCELLED
    return Line(
        code.serial,
        code.last_four,
        code.status,
        text,
        enrolment=gettext("Cancelled") if cancelled else "",
    )


def _write_enrolment(enrolment: Enrolment | None) -> str:
    if enrolment is None:
        return gettext("Not enrolled")
    if not enrolment.is_active:
        return gettext("Unenrolled")
    return gettext("Enrolled (%(mode)s)") % {"mode": enrolment.mode}


def _find_redemptions(codes: Sequence[TokenCode]) -> dict[int, Redemption]:
    redeemed = [code.pk for code in codes if code.status == CodeStatus.REDEEMED]
    live = Redemption.objects.filter(code__in=redeemed, live=True)
    rows = live.select_related(*list_name_relations("learner"))
    return {int(row.code_id): row for row in rows if row.code_id is not None}


def _match(order: TokenOrder, text: str) -> Q:
    learners = Redemption.objects.filter(match_people(text, prefix="learner__"))
    paid = learners.filter(code__order=order, live=True).values_list("code_id", flat=True)
    matches = Q(pk__in=list(paid[:MAX_PEOPLE]))
    serial = read_number(text)
    if serial is not None:
        matches |= Q(serial=serial)
    if len(text) == LAST_FOUR and text.isalnum():
        matches |= Q(last_four=text.upper())
    return matches
