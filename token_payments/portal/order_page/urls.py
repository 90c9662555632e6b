"""Below tokens/orders/<id>/: the pages of one order."""

from __future__ import annotations

from django.urls import path

from token_payments.portal.order_page import cancelling, helpers, log, overview, tokens

urlpatterns = [
    path("", overview.overview, name="order"),
    path("tokens/", tokens.tokens, name="order_tokens"),
    path("helpers/", helpers.helpers, name="order_people"),
    path("cancel/", cancelling.cancelling, name="order_cancel"),
    path("log/", log.log, name="order_log"),
]
