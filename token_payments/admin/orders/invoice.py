"""The order's document, as the buyer has it in the portal."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from token_payments.admin.orders.head import render_page
from token_payments.invoicing.download import answer_with_pdf
from token_payments.invoicing.order_document import describe_order
from token_payments.invoicing.wording import write_document
from token_payments.models import TokenOrder


def show_invoice(
    model_admin: admin.ModelAdmin, request: HttpRequest, order: TokenOrder
) -> HttpResponse:
    texts = write_document(describe_order(order))
    return render_page(model_admin, request, order, "invoice", page="invoice", document=texts)


def invoice_pdf(
    _model_admin: admin.ModelAdmin, _request: HttpRequest, order: TokenOrder
) -> HttpResponse:
    return answer_with_pdf(order)
