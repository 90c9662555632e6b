"""Below tokens/orders/<id>/invoice/."""

from __future__ import annotations

from django.urls import path

from token_payments.portal.invoices import invoice

urlpatterns = [
    path("", invoice.invoice, name="order_invoice"),
    path("pdf/", invoice.invoice_pdf, name="order_invoice_pdf"),
]
