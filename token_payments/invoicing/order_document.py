"""Every fact of an order's document: amounts as Decimal, days as local days, no wording."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.timezone import localtime

from token_payments import conf
from token_payments.l10n.dates import last_day
from token_payments.models import OrderStatus, TokenOrder, TokenOrderAction

ADDRESS_LINES = 12  # an address with more of them has its street in one


class DocumentKind(StrEnum):
    """An invoice has been processed and has an invoice number."""

    INVOICE = "invoice"
    CONFIRMATION = "confirmation"
    REQUEST = "request"


#: What ends an order; only one of them does.
ENDS = (TokenOrderAction.CANCELLED, TokenOrderAction.DECLINED, TokenOrderAction.WITHDRAWN)


class Mark(StrEnum):
    """The word across a document that doesn't stand any more."""

    NONE = ""
    CANCELLED = "cancelled"
    DECLINED = "declined"


@dataclass(frozen=True)
class Seller:
    """The seller of the operator's settings; fields that are missing there are empty."""

    name: str = ""
    address: Sequence[str] = ()
    email: str = ""
    phone: str = ""
    tax_number: str = ""
    registration: str = ""
    bank: Sequence[str] = ()
    footer: str = ""


@dataclass(frozen=True)
class DocumentLine:
    """An ordered thing: ``quantity`` codes for a course, or tokens of a type.

    ``name`` is the course's title or the type's name. Without a price both amounts are None.
    """

    name: str
    description: str
    quantity: int
    unit_price: Decimal | None
    net: Decimal | None


@dataclass(frozen=True)
class Credit:
    """Some tokens cancelled; ``amount`` is what was refunded, tax included, as 0 or less."""

    day: date
    quantity: int
    amount: Decimal


@dataclass(frozen=True)
class OrderDocument:
    """An order as it stands now.

    Net plus tax is ``total``; ``total`` less ``refunded`` and ``voided`` is ``balance``. ``voided``
    is what nobody owes since the order was cancelled before it was processed. Amounts of an order
    without a price are None, but refunds may be known. ``tax_rate`` None: nothing says tax.
    ``last_day`` is the last one on which codes, or wallet tokens, can be used; ``days_of_use`` are
    counted from a processing that is still to come.
    """

    kind: DocumentKind
    mark: Mark
    number: str
    invoice_number: str
    purchase_order: str
    issued_on: date
    ordered_on: date
    ended_on: date | None
    status: OrderStatus
    for_wallet: bool
    seller: Seller
    billed_to: Sequence[str]
    account: str
    account_reference: str
    lines: Sequence[DocumentLine]
    currency: str
    net: Decimal | None
    tax_rate: Decimal | None
    tax: Decimal
    total: Decimal | None
    credits: Sequence[Credit]
    refunded: Decimal
    voided: Decimal
    balance: Decimal | None
    last_day: date | None
    days_of_use: int | None


def describe_order(order: TokenOrder) -> OrderDocument:
    """The document of an order whose item, account and token type are at hand; three queries."""
    steps = _get_steps(order)
    processed = steps.get(TokenOrderAction.PROCESSED)
    ended = next((steps[action] for action in ENDS if action in steps), None)
    is_over = order.status == OrderStatus.CANCELLED
    credited = _list_credits(order)
    was_delivered = processed is not None or not is_over
    refunded, voided, balance = settle(order, credited, was_delivered=was_delivered)
    expires_at = order.issue.expires_at if order.issue else order.redeem_by
    return OrderDocument(
        kind=_get_kind(order, was_processed=processed is not None),
        mark=_choose_mark(order, was_declined=TokenOrderAction.DECLINED in steps),
        number=order.number,
        invoice_number=_in_one_line(order.invoice_number),
        purchase_order=_in_one_line(order.purchase_order),
        issued_on=_day(processed or order.created_at),
        ordered_on=_day(order.created_at),
        ended_on=_day(ended) if is_over and ended else None,
        status=OrderStatus(order.status),
        for_wallet=order.is_for_wallet,
        seller=read_seller(conf.seller()),
        billed_to=_list_billed_to(order),
        account=_in_one_line(order.account.name if order.account else ""),
        account_reference=_in_one_line(order.account.reference if order.account else ""),
        lines=[_describe_line(order)],
        currency=order.currency,
        net=order.net_total,
        tax_rate=None if order.total is None else order.tax_rate,
        tax=order.tax,
        total=order.total,
        credits=credited,
        refunded=refunded,
        voided=voided,
        balance=balance,
        last_day=last_day(expires_at) if expires_at else None,
        days_of_use=_get_days_of_use(order),
    )


def settle(
    order: TokenOrder, credited: Iterable[Credit], *, was_delivered: bool
) -> tuple[Decimal, Decimal, Decimal | None]:
    """The refunded and the voided amount, and the balance: the total less both."""
    refunded = Decimal(0) - sum(credit.amount for credit in credited)
    if order.total is None:
        return refunded, Decimal(0), None
    voided = Decimal(0) if was_delivered else order.total - refunded
    return refunded, voided, order.total - refunded - voided


def read_seller(details: Mapping[str, Any]) -> Seller:
    """The seller of the settings; a text where a list of lines is meant is taken for its lines."""
    texts = {
        name: _in_one_line(details.get(name))
        for name in ("name", "email", "phone", "tax_number", "registration")
    }
    return Seller(
        **texts,
        footer=str(details.get("footer") or "").strip(),
        address=_read_lines(details.get("address")),
        bank=_read_lines(details.get("bank")),
    )


def _read_lines(value: Any) -> list[str]:
    pieces: Iterable[Any] = value.splitlines() if isinstance(value, str) else value or ()
    return [line for line in (str(piece).strip() for piece in pieces) if line]


def _get_steps(order: TokenOrder) -> dict[str, datetime]:
    """When the order was processed and when it ended, by the action in its log."""
    wanted = (TokenOrderAction.PROCESSED, *ENDS)
    entries = order.log.filter(action__in=wanted).order_by("id")
    return dict(entries.values_list("action", "created_at"))


def _get_kind(order: TokenOrder, *, was_processed: bool) -> DocumentKind:
    if was_processed:
        return DocumentKind.INVOICE if order.invoice_number else DocumentKind.CONFIRMATION
    is_underway = order.status == OrderStatus.PROCESSING
    return DocumentKind.CONFIRMATION if is_underway else DocumentKind.REQUEST


def _choose_mark(order: TokenOrder, *, was_declined: bool) -> Mark:
    if order.status != OrderStatus.CANCELLED:
        return Mark.NONE
    return Mark.DECLINED if was_declined else Mark.CANCELLED


def _describe_line(order: TokenOrder) -> DocumentLine:
    if order.token_type is not None:
        name, description = order.token_type.name, order.token_type.description.strip()
    else:
        name, description = str(order.course.title or order.course.item_key), ""
    return DocumentLine(
        _in_one_line(name), description, order.quantity, order.unit_price, order.net_total
    )


def _list_credits(order: TokenOrder) -> list[Credit]:
    rows = order.cancellations.order_by("id")
    return [
        # 0 - 0 has no sign, -0 would have one
        Credit(_day(created_at), quantity, Decimal(0) - refund)
        for created_at, quantity, refund in rows.values_list(
            "created_at", "quantity", "refund_amount"
        )
    ]


def _list_billed_to(order: TokenOrder) -> list[str]:
    lines = order.billing_lines
    if len(lines) <= ADDRESS_LINES:
        return lines
    return [lines[0], ", ".join(lines[1:-2]), *lines[-2:]]


def _in_one_line(text: Any) -> str:
    return " ".join(str(text or "").split())


def _get_days_of_use(order: TokenOrder) -> int | None:
    """How long wallet tokens will be usable from the day on which they are issued."""
    if order.token_type is None or order.issue is not None or order.redeem_by is not None:
        return None
    return order.token_type.redemption_days


def _day(instant: datetime) -> date:
    return localtime(instant, conf.time_zone()).date()
