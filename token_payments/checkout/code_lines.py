"""An order's codes a page at a time, each with its learner, its enrolment, and whose it is.

Pages are found by serial number (what comes after, or before), never by counting rows, and cost the
same few queries for ten codes and for a million.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext

from token_payments.checkout.models import Redemption
from token_payments.distribution.models import CodeAssignment
from token_payments.errors import CodeMistyped, ConfigurationError
from token_payments.hosts import get_host, list_name_relations
from token_payments.hosts.base import Enrolment, User
from token_payments.hosts.people import match_people
from token_payments.inputs import read_number
from token_payments.orders.codes import looks_like_code
from token_payments.orders.models import CodeStatus, TokenCode, TokenOrder
from token_payments.orders.queries import find_code, list_current_codes

PAGE_SIZE = 100
LAST_FOUR = 4
ASSIGNED = "assigned"  # beside the states of codes: those that were given to somebody
MAX_FOUND = 1000  # learners, or addresses, that a search for a name may find
MAX_NUMBERS = 50  # serial numbers that stand in an address for somebody's codes


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


@dataclass(frozen=True)
class CodePage:
    """The codes of one page; ``before`` and ``after`` lead on, None where there is nothing."""

    codes: Sequence[TokenCode]
    before: int | None
    after: int | None


def filter_codes(order: TokenOrder, *, status: str = "", text: str = "") -> QuerySet[TokenCode]:
    """The order's codes in a state (or ASSIGNED, used or not), and such as ``text`` means.

    Replaced ones only when asked for, by their state or as ``#17``.
    ``#17`` or ``17`` is a serial number, ``#17,19`` are some, four characters may be the last four
    of a code, and anything may be part of the name or address of a learner, or of whom a code was
    given to; of a learner of the user name, too.
    """
    is_known = status in CodeStatus.values
    codes = order.codes.filter(status=status) if is_known else list_current_codes(order)
    if status == ASSIGNED:
        given = CodeAssignment.objects.filter(batch__order=order, live=True)
        codes = codes.filter(pk__in=given.order_by().values("code"))
    if "\0" in text:  # PostgreSQL refuses it
        return codes.none()
    if text.startswith("#"):
        numbers = map(read_number, text[1:].split(",")[:MAX_NUMBERS])
        codes = codes if is_known else order.codes.all()
        return codes.filter(serial__in=[number for number in numbers if number is not None])
    return codes.filter(_match(order, text)) if text else codes


def read_search(order: TokenOrder, text: str, *, status: str = "") -> str | None:
    """What may stand in an address for what was typed: a whole code becomes its serial number.

    So does somebody's e-mail address, or most of it: the numbers of up to MAX_NUMBERS codes in the
    ``status`` that it finds. None for a code that this order doesn't have, and for what may be one,
    mistyped.
    """
    text = text.strip()
    if "@" in text[1:]:
        serials = filter_codes(order, status=status, text=text).order_by("serial")
        numbers = map(str, serials.values_list("serial", flat=True)[:MAX_NUMBERS])
        return f"#{','.join(numbers)}"
    try:
        code = find_code(text)
    except (CodeMistyped, ConfigurationError):
        code = None
    if code is not None:
        return f"#{code.serial}" if code.order_id == order.pk else None
    is_lost = looks_like_code(text) and not filter_codes(order, text=text).exists()
    return None if is_lost else text


def get_code_page(
    codes: QuerySet[TokenCode],
    *,
    after: int | None = None,
    before: int | None = None,
    size: int = PAGE_SIZE,
) -> CodePage:
    """Up to ``size`` codes by serial: those after a serial, or the last ones before one."""
    if before is not None:
        rows = list(codes.filter(serial__lt=before).order_by("-serial")[: size + 1])
        found, more = rows[:size][::-1], len(rows) > size
        if not found:
            return get_code_page(codes, size=size)
        after = found[-1].serial if codes.filter(serial__gte=before).exists() else None
        return CodePage(found, found[0].serial if more else None, after)
    start = after or 0
    rows = list(codes.filter(serial__gt=start).order_by("serial")[: size + 1])
    found, more = rows[:size], len(rows) > size
    has_earlier = bool(start and found)
    return CodePage(
        found, found[0].serial if has_earlier else None, found[-1].serial if more else None
    )


def describe_codes(
    order: TokenOrder, codes: Sequence[TokenCode], written: Mapping[int, str] | None = None
) -> list[CodeLine]:
    """The codes with learners, enrolments and whom they were given to: three queries.

    ``written`` has the codes in full, by serial.
    """
    redemptions = _find_redemptions(codes)
    assignments = _find_assignments(codes)
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
        lines.append(_describe(code, text, learner, enrolment, assignments.get(code.pk)))
    return lines


def find_checkout_url(order: TokenOrder) -> str:
    """Where the order's codes are redeemed, with scheme and host; ``#code=`` and one may follow."""
    path = reverse("token_payments:checkout", kwargs={"item_key": order.course.item_key})
    return get_host().absolute_url(path)


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
        learner=get_host().get_full_name(learner) if learner is not None else "",
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


def _find_redemptions(codes: Sequence[TokenCode]) -> dict[int, Redemption]:
    redeemed = [code.pk for code in codes if code.status == CodeStatus.REDEEMED]
    live = Redemption.objects.filter(code__in=redeemed, live=True)
    rows = live.select_related(*list_name_relations("learner"))
    return {int(row.code_id): row for row in rows if row.code_id is not None}


def _find_assignments(codes: Sequence[TokenCode]) -> dict[int, CodeAssignment]:
    """Each code's: it has one at most, since taking it away replaces the code."""
    rows = CodeAssignment.objects.filter(code__in=[code.pk for code in codes])
    return {int(row.code_id): row for row in rows}


def _match(order: TokenOrder, text: str) -> Q:
    learners = Redemption.objects.filter(match_people(text, prefix="learner__"))
    paid = learners.filter(code__order=order, live=True).values_list("code_id", flat=True)
    named = CodeAssignment.objects.filter(Q(name__icontains=text) | Q(email__icontains=text))
    given = named.filter(code__order=order).order_by().values_list("code_id", flat=True)
    matches = Q(pk__in=[*paid[:MAX_FOUND], *given[:MAX_FOUND]])
    serial = read_number(text)
    if serial is not None:
        matches |= Q(serial=serial)
    if len(text) == LAST_FOUR and text.isalnum():
        matches |= Q(last_four=text.upper())
    return matches
