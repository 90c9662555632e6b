"""Cards to print: one a token, with the code in large type and as a QR code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import segno
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.assignments import queries as assignment_queries
from token_payments.errors import ConfigurationError
from token_payments.hosts.people import get_user
from token_payments.models import CodeStatus, TokenCode, TokenOrder, TokenOrderAction
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries
from token_payments.portal.order_page.access import Access, codes_page, order_url, render_order
from token_payments.portal.order_page.code_pages import LAST, PROBLEMS
from token_payments.portal.tokens.forms import PageForm
from token_payments.presenters.code_lines import describe_codes, get_checkout_url

MAX_CARDS = 500  # in one sheet


def _number_field(label: Any, error: Any) -> forms.IntegerField:
    attrs = {"class": "tp-input", "inputmode": "numeric", "autocomplete": "off"}
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=1,
        max_value=LAST,
        widget=forms.TextInput(attrs=attrs),
        error_messages={"invalid": error, "min_value": error, "max_value": error},
    )


class SheetForm(PageForm):
    """``first`` and ``last`` are serial numbers; None for no bound."""

    first = _number_field(
        _("From no."), _("From no.: enter the number of a token, or leave it empty.")
    )
    last = _number_field(_("To no."), _("To no.: enter the number of a token, or leave it empty."))
    with_assigned = forms.BooleanField(
        label=_("Also tokens that are assigned to somebody"), required=False
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        first, last = values.get("first"), values.get("last")
        if first is not None and last is not None and first > last:
            self.add_error("last", _("To no.: enter a number that isn't below the first one."))
        return values


IN_A_ROW = 2
#: Any mask is a good one for a scanner; to find the prettiest takes five times as long.
MASK = 3


@dataclass(frozen=True)
class Card:
    """``qr`` is the picture of the link, the code filled in; ``name`` whose the token is."""

    serial: int
    code: str
    name: str
    qr: SafeString


@codes_page
def sheet(request: HttpRequest, access: Access) -> HttpResponse:
    """Which tokens to print; POST gives the cards, once they are logged as printed."""
    if request.method != "POST":
        return _show_form(request, access, SheetForm())
    form = SheetForm(request.POST)
    if not form.is_valid():
        return _show_form(request, access, form)
    codes = _list_codes(access.order, form)
    rows = list(codes.order_by("serial")[: MAX_CARDS + 1])
    if not rows:
        form.add_error(None, gettext("There is nothing to print: choose other tokens."))
        return _show_form(request, access, form)
    try:
        cards = _make_cards(request, access.order, rows[:MAX_CARDS])
    except ConfigurationError:
        form.add_error(None, PROBLEMS["no_key"])
        return _show_form(request, access, form, status=503)
    context = {
        "order": access.order,
        "address": get_checkout_url(access.order),
        "cards": cards,
        "rows": [cards[start : start + IN_A_ROW] for start in range(0, len(cards), IN_A_ROW)],
        "next_serial": rows[MAX_CARDS].serial if len(rows) > MAX_CARDS else None,
        "last": form.cleaned_data["last"],
        "with_assigned": form.cleaned_data["with_assigned"],
        "back_url": order_url(access.order, "order_sheet"),
    }
    return render(request, "token_payments/order_page/sheet.html", context)


def _list_codes(order: TokenOrder, form: SheetForm) -> QuerySet[TokenCode]:
    first, last = form.cleaned_data["first"], form.cleaned_data["last"]
    if form.cleaned_data["with_assigned"]:
        codes = order.codes.filter(status=CodeStatus.AVAILABLE)
    else:
        codes = assignment_queries.list_unassigned(order)
    if first is not None:
        codes = codes.filter(serial__gte=first)
    return codes if last is None else codes.filter(serial__lte=last)


def _make_cards(request: HttpRequest, order: TokenOrder, rows: Sequence[TokenCode]) -> list[Card]:
    """Raises ConfigurationError."""
    action = TokenOrderAction.CODES_PRINTED
    written = order_operations.reveal_codes(
        order, rows, actor=get_user(request), now=timezone.now(), action=action
    )
    address = get_checkout_url(order)
    return [
        Card(
            serial=line.serial,
            code=line.code,
            name=(line.assignment.name or line.assignment.email) if line.assignment else "",
            qr=draw_qr(f"{address}#code={line.code}"),
        )
        for line in describe_codes(order, rows, written)
    ]


def draw_qr(text: str) -> SafeString:
    """A QR code as SVG, black on nothing, with the quiet zone that scanners want around it."""
    qr = segno.make(text, micro=False, error="m", mask=MASK)
    drawn = qr.svg_inline(border=4, omitsize=True, svgclass="tp-qr", lineclass=None)
    return mark_safe(drawn)  # noqa: S308 (made of numbers)


def _show_form(
    request: HttpRequest,
    access: Access,
    form: SheetForm,
    *,
    status: int = 200,
) -> HttpResponse:
    return render_order(
        request,
        access,
        "order_page/sheet_form.html",
        tab="order_tokens",
        status=status,
        form=form,
        errors=form.list_errors(),
        counts=order_queries.count_order(access.order, now=timezone.now()),
        max_cards=MAX_CARDS,
    )
