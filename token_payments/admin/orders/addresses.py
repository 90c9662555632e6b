"""The addresses of an order's pages: who may open them, and which orders have them."""

from __future__ import annotations

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
from token_payments.admin.pages import acting, viewing
from token_payments.models import TokenOrder


def has_codes(order: TokenOrder) -> bool:
    return not order.is_for_wallet


#: The pages of one order.
PAGES = (
    acting("finish_processing", status.finish_processing),
    acting("decline", declining.decline),
    acting("resume", status.resume_processing, post_only=True),
    acting("cancel", status.cancel),
    viewing("progress", status.report_progress),
    viewing("tokens", tokens.show_tokens, exists=has_codes),
    viewing("tokens_search", tokens.search_tokens, post_only=True, exists=has_codes),
    acting("reveal", tokens.reveal_tokens, exists=has_codes),
    acting("download", tokens.download_tokens, post_only=True, exists=has_codes),
    acting("email_tokens", tokens.mail_tokens, exists=has_codes),
    acting("cancel_tokens", cancel_tokens.cancel_tokens),
    acting("grant_cancellation", wishes.grant),
    acting("decline_cancellation", wishes.refuse),
    viewing("helpers", helpers.show_helpers, changes=True),
    viewing("invoice", invoice.show_invoice),
    viewing("invoice_pdf", invoice.invoice_pdf),
    viewing("cancellations", records.show_cancellations),
    viewing("log", records.show_log),
)
