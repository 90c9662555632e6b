"""An order's codes a page at a time, and such as somebody looks for.

Pages are found by serial number (what comes after, or before), never by counting rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from token_payments.assignments.models import CodeAssignment
from token_payments.checkout.models import Redemption
from token_payments.db.numbers import read_number
from token_payments.errors import CodeMistyped, ConfigurationError
from token_payments.hosts.people import match_people
from token_payments.orders.codes import looks_like_code
from token_payments.orders.models import CodeStatus, TokenCode, TokenOrder
from token_payments.orders.records import find_code, list_current_codes

PAGE_SIZE = 100
LAST_FOUR = 4
ASSIGNED = "assigned"  # beside the states of codes: those that were given to somebody
MAX_FOUND = 1000  # learners, or addresses, that a search for a name may find
MAX_NUMBERS = 50  # serial numbers that stand in an address for somebody's codes


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
    """The typed text as an address may hold it: a whole code becomes its serial number.

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
