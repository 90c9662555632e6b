"""Cancelling unused tokens."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from token_payments import api
from token_payments.portal.order_page.access import owner_page, render_order


@owner_page
def cancelling(request: HttpRequest, access: api.OrderAccess) -> HttpResponse:
    return render_order(request, access, "order_page/coming.html", tab="order_cancel")
