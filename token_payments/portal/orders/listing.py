"""The orders that the visitor looks after."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from token_payments import conf
from token_payments.portal.tokens.access import tokens_page


@tokens_page
def orders(request: HttpRequest) -> HttpResponse:
    context = {"base_template": conf.base_template()}
    return render(request, "token_payments/tokens/page.html", context)
