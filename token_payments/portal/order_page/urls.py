"""Below tokens/orders/<id>/: the pages of one order."""

from __future__ import annotations

from django.urls import path

from token_payments.portal.order_page import (
    cancelling,
    files,
    helpers,
    log,
    overview,
    reveal,
    sheet,
    tokens,
)

urlpatterns = [
    path("", overview.overview, name="order"),
    path("progress/", overview.progress, name="order_progress"),
    path("tokens/", tokens.tokens, name="order_tokens"),
    path("tokens/search/", tokens.search_tokens, name="order_tokens_search"),
    path("tokens/reveal/", reveal.reveal_tokens, name="order_tokens_reveal"),
    path("tokens/copy/", reveal.copy_tokens, name="order_tokens_copy"),
    path("tokens/csv/", files.download_tokens, name="order_tokens_csv"),
    path("tokens/mail/", files.mail_tokens, name="order_tokens_mail"),
    path("tokens/print/", sheet.sheet, name="order_sheet"),
    path("helpers/", helpers.helpers, name="order_people"),
    path("cancel/", cancelling.cancelling, name="order_cancel"),
    path("log/", log.log, name="order_log"),
]
