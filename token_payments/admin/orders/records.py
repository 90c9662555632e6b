"""Records of an order: past cancellations and refunds, its log, and its document."""

from __future__ import annotations

from django.http import HttpResponse

from token_payments.admin.orders.head import OrderVisit
from token_payments.invoicing.download import answer_with_pdf
from token_payments.invoicing.order_document import describe_order
from token_payments.invoicing.wording import write_document
from token_payments.orders import queries as order_queries
from token_payments.presenters.cancellations import (
    LogLine,
    list_cancellations,
    list_log,
    list_requests,
)


def show_cancellations(visit: OrderVisit) -> HttpResponse:
    """Token Cancellations / Refunds: all past ones, and what was asked for; the newest first."""
    return visit.render(
        "cancellations",
        tab="cancellations",
        rows=visit.get_page(list_cancellations(visit.order)),
        requests=visit.get_page(list_requests(visit.order), "requests"),
        refunded=order_queries.sum_refunds(visit.order),
    )


def show_log(visit: OrderVisit) -> HttpResponse:
    """Every step of the order and every look at its codes, the newest first."""
    page = visit.get_page(list_log(visit.order))
    return visit.render("log", tab="log", rows=[LogLine(entry) for entry in page], page_obj=page)


def show_invoice(visit: OrderVisit) -> HttpResponse:
    """The order's document, as the buyer has it in the portal."""
    document = write_document(describe_order(visit.order))
    return visit.render("invoice", tab="invoice", document=document)


def invoice_pdf(visit: OrderVisit) -> HttpResponse:
    return answer_with_pdf(visit.order)
