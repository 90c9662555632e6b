"""An order's document as texts in the active language: what its page and its PDF lay out.

They say the same since neither writes a text of its own. All is plain text: whoever lays it out
escapes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext, ngettext, pgettext

from token_payments import conf
from token_payments.invoicing import order_document
from token_payments.l10n.formats import format_day, format_exact_money, format_number, format_rate
from token_payments.models import TokenOrder


@dataclass(frozen=True)
class Fact:
    label: str
    text: str


@dataclass(frozen=True)
class LineTexts:
    """One row: what, how many, the price of one, the price of all."""

    name: str
    description: str
    quantity: str
    unit_price: str
    amount: str


@dataclass(frozen=True)
class CreditTexts:
    day: str
    what: str
    amount: str


@dataclass(frozen=True)
class Sum:
    """A row below a table; the last word on an amount is ``is_strong``."""

    label: str
    amount: str
    is_strong: bool = False


@dataclass(frozen=True)
class DocumentTexts:
    """``title`` names the document, ``mark`` is set across one that doesn't stand any more.

    ``sums`` stand below the lines, ``credit_sums`` below the credits; a text is empty, and a
    sequence too, where there is nothing to say. ``bank`` is left out where nothing is to be paid.
    """

    title: str
    mark: str
    number: str
    seller_name: str
    seller_address: Sequence[str]
    seller_contact: Sequence[str]
    bank: Sequence[str]
    footer: str
    billed_to: Sequence[str]
    facts: Sequence[Fact]
    amount_heading: str
    lines: Sequence[LineTexts]
    sums: Sequence[Sum]
    credit_heading: str
    credits: Sequence[CreditTexts]
    credit_sums: Sequence[Sum]
    remark: str

    @property
    def full_title(self) -> str:
        """Title and number, e.g. Invoice INV-7 or Order confirmation TO-000042."""
        return f"{self.title} {self.number}"


def write_document(document: order_document.OrderDocument) -> DocumentTexts:
    seller = document.seller
    is_invoice = document.kind == order_document.DocumentKind.INVOICE
    return DocumentTexts(
        title=write_title(document.kind),
        mark=_write_mark(document.mark),
        number=document.invoice_number if is_invoice else document.number,
        seller_name=seller.name,
        seller_address=seller.address,
        seller_contact=_list_contact(seller),
        bank=seller.bank if _is_payable(document) else [],
        footer=seller.footer,
        billed_to=document.billed_to,
        facts=_list_facts(document),
        amount_heading=gettext("Net amount") if _is_taxed(document) else gettext("Amount"),
        lines=[_write_line(line, document) for line in document.lines],
        sums=_list_sums(document),
        credit_heading=_write_credit_heading(document),
        credits=_list_credits(document),
        credit_sums=_list_credit_sums(document),
        remark=_write_remark(document),
    )


def write_title(kind: order_document.DocumentKind) -> str:
    titles = {
        order_document.DocumentKind.INVOICE: gettext("Invoice"),
        order_document.DocumentKind.CONFIRMATION: gettext("Order confirmation"),
        order_document.DocumentKind.REQUEST: gettext("Order request"),
    }
    return titles[kind]


def write_file_name(order: TokenOrder) -> str:
    """The name of the PDF: plain letters, with the order's number."""
    return f"order-{order.number}.pdf"


def _write_mark(mark: order_document.Mark) -> str:
    marks = {
        order_document.Mark.CANCELLED: pgettext("order", "Cancelled"),
        order_document.Mark.DECLINED: gettext("Declined"),
    }
    return marks.get(mark, "")


def _is_payable(document: order_document.OrderDocument) -> bool:
    """Whether a document says how to pay: a request doesn't ask for money yet."""
    return document.kind != order_document.DocumentKind.REQUEST and not document.mark


def _is_taxed(document: order_document.OrderDocument) -> bool:
    return document.tax_rate is not None


def _list_contact(seller: order_document.Seller) -> list[str]:
    labelled = [
        ("", seller.email),
        ("", seller.phone),
        (gettext("Tax number"), seller.tax_number),
        ("", seller.registration),
    ]
    colon = gettext(":")
    return [f"{label}{colon} {text}" if label else text for label, text in labelled if text]


def _list_facts(document: order_document.OrderDocument) -> list[Fact]:
    is_invoice = document.kind == order_document.DocumentKind.INVOICE
    ended = (
        gettext("Declined on")
        if document.mark == order_document.Mark.DECLINED
        else gettext("Cancelled on")
    )
    pairs = [
        (gettext("Invoice number"), document.invoice_number),
        (gettext("Invoice date"), format_day(document.issued_on) if is_invoice else ""),
        (gettext("Order number"), document.number),
        (gettext("Order date"), format_day(document.ordered_on)),
        (gettext("Your purchase order"), document.purchase_order),
        (gettext("Account"), document.account),
        (gettext("Customer number"), document.account_reference),
        (gettext("Status"), str(document.status.label)),
        (ended, format_day(document.ended_on) if document.ended_on else ""),
        _write_use(document),
        (gettext("Currency"), document.currency),
    ]
    return [Fact(label, text) for label, text in pairs if text]


def _write_use(document: order_document.OrderDocument) -> tuple[str, str]:
    """Until when what was ordered can be used."""
    label = gettext("Tokens expire") if document.for_wallet else gettext("Redeem by")
    if document.last_day is not None:
        return label, f"{format_day(document.last_day)} ({conf.time_zone().key})"
    if document.days_of_use is not None:
        text = ngettext(
            "%(days)s day after they are issued",
            "%(days)s days after they are issued",
            document.days_of_use,
        )
        return label, text % {"days": format_number(document.days_of_use)}
    return label, gettext("Never") if document.for_wallet else gettext("No limit")


def _write_line(
    line: order_document.DocumentLine, document: order_document.OrderDocument
) -> LineTexts:
    name = line.name if document.for_wallet else gettext("Token Codes for %s") % line.name
    return LineTexts(
        name=name,
        description=line.description,
        quantity=format_number(line.quantity),
        unit_price=_write_amount(line.unit_price, document.currency),
        amount=_write_amount(line.net, document.currency),
    )


def _write_amount(amount: Decimal | None, currency: str) -> str:
    return gettext("as agreed") if amount is None else format_exact_money(amount, currency)


def _list_sums(document: order_document.OrderDocument) -> list[Sum]:
    if document.total is None:
        return [Sum(gettext("Total"), gettext("Price as agreed"), is_strong=True)]
    sums = []
    if document.tax_rate is not None and document.net is not None:
        tax = gettext("Tax %(rate)s") % {"rate": format_rate(document.tax_rate)}
        sums = [
            Sum(gettext("Net total"), format_exact_money(document.net, document.currency)),
            Sum(tax, format_exact_money(document.tax, document.currency)),
        ]
    total = format_exact_money(document.total, document.currency)
    return [*sums, Sum(gettext("Total"), total, is_strong=True)]


def _write_credit_heading(document: order_document.OrderDocument) -> str:
    return gettext("Refund, tax included") if _is_taxed(document) else gettext("Refund")


def _list_credits(document: order_document.OrderDocument) -> list[CreditTexts]:
    return [
        CreditTexts(
            day=format_day(credit.day),
            what=_write_credit(credit.quantity),
            amount=format_exact_money(credit.amount, document.currency),
        )
        for credit in document.credits
    ]


def _write_credit(quantity: int) -> str:
    """A refund may be recorded when nothing was left to cancel."""
    if not quantity:
        return gettext("Refund")
    text = ngettext("%(number)s token cancelled", "%(number)s tokens cancelled", quantity)
    return text % {"number": format_number(quantity)}


def _list_credit_sums(document: order_document.OrderDocument) -> list[Sum]:
    if not document.credits and not document.voided:
        return []
    rows = []
    if document.credits:
        rows.append((gettext("Refunded"), Decimal(0) - document.refunded))
    if document.voided:
        rows.append((gettext("Cancelled before processing"), Decimal(0) - document.voided))
    sums = [Sum(label, format_exact_money(amount, document.currency)) for label, amount in rows]
    if document.balance is None:
        return sums
    balance = format_exact_money(document.balance, document.currency)
    return [*sums, Sum(gettext("Balance"), balance, is_strong=True)]


def _write_remark(document: order_document.OrderDocument) -> str:
    """A remark against taking the document for one that it isn't."""
    if document.kind == order_document.DocumentKind.INVOICE:
        return ""
    if document.kind == order_document.DocumentKind.CONFIRMATION:
        return gettext("This confirms the order. It is not an invoice.")
    if document.mark:
        return gettext("Nothing was delivered for this order, and nothing is due.")
    return gettext("This is a request: the order has not been processed. It is not an invoice.")
