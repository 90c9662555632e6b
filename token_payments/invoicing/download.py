"""The PDF of an order as an answer to a browser."""

from __future__ import annotations

from django.http import HttpResponse

from token_payments.invoicing.order_document import describe_order
from token_payments.invoicing.wording import write_document, write_file_name
from token_payments.models import TokenOrder


def answer_with_pdf(order: TokenOrder) -> HttpResponse:
    """The order's document to be saved; the caller has checked who may see it.

    No cache keeps it, and no browser takes it for anything but a PDF.
    """
    from token_payments.invoicing import pdf  # noqa: PLC0415 - reportlab waits until it is needed

    answer = HttpResponse(
        pdf.draw(write_document(describe_order(order))), content_type="application/pdf"
    )
    answer["Content-Disposition"] = f'attachment; filename="{write_file_name(order)}"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
