"""What was done with an order."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from token_payments import api
from token_payments.portal.order_page.access import order_page, render_order


@order_page
def log(request: HttpRequest, access: api.OrderAccess) -> HttpResponse:
    return render_order(request, access, "order_page/coming.html", tab="order_log")
