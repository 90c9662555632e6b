"""The addresses of an order's pages: who may open them, and which orders have them."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import URLPattern
from django.utils.translation import gettext

from token_payments.admin.orders import (
    cancel_tokens,
    declining,
    helpers,
    invoice,
    records,
    status,
    tokens,
    wishes,
)
from token_payments.admin.pages import ObjectView, acting, viewing
from token_payments.models import TokenOrder


def list_pages(model_admin: admin.ModelAdmin) -> list[URLPattern]:
    """The pages of one order."""
    return [
        acting(model_admin, "finish_processing", status.finish_processing),
        acting(model_admin, "decline", declining.decline),
        acting(model_admin, "resume", status.resume_processing),
        acting(model_admin, "cancel", status.cancel),
        viewing(model_admin, "progress", status.report_progress),
        viewing(model_admin, "tokens", of_codes(tokens.show_tokens)),
        viewing(model_admin, "tokens_search", of_codes(tokens.search_tokens)),
        acting(model_admin, "reveal", of_codes(tokens.reveal_tokens)),
        acting(model_admin, "download", of_codes(tokens.download_tokens)),
        acting(model_admin, "email_tokens", of_codes(tokens.mail_tokens)),
        acting(model_admin, "cancel_tokens", cancel_tokens.cancel_tokens),
        acting(model_admin, "grant_cancellation", wishes.grant),
        acting(model_admin, "decline_cancellation", wishes.refuse),
        viewing(model_admin, "helpers", helpers.show_helpers),
        viewing(model_admin, "invoice", invoice.show_invoice),
        viewing(model_admin, "invoice_pdf", invoice.invoice_pdf),
        viewing(model_admin, "cancellations", records.show_cancellations),
        viewing(model_admin, "log", records.show_log),
    ]


def of_codes(view: ObjectView) -> ObjectView:
    """A page that an order of wallet tokens doesn't have."""

    @wraps(view)
    def page(model_admin: Any, request: HttpRequest, order: TokenOrder) -> HttpResponseBase:
        if order.is_for_wallet:
            raise Http404(gettext("An order of wallet tokens has no Token Codes."))
        return view(model_admin, request, order)

    return page
