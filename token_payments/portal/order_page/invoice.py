"""The order's document: a page to read and to print, and the same as PDF."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from token_payments.invoicing.download import answer_with_pdf
from token_payments.invoicing.order_document import describe_order
from token_payments.invoicing.wording import write_document
from token_payments.portal.order_page.access import Access, owner_page, render_order


@owner_page
@require_safe
def invoice(request: HttpRequest, access: Access) -> HttpResponse:
    texts = write_document(describe_order(access.order))
    return render_order(
        request, access, "invoices/invoice.html", tab="order_invoice", document=texts
    )


@owner_page
@require_safe
def invoice_pdf(_request: HttpRequest, access: Access) -> HttpResponse:
    return answer_with_pdf(access.order)
