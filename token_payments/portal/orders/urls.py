"""Below tokens/orders/: the list, and requesting."""

from __future__ import annotations

from django.urls import path

from token_payments.portal.orders import listing, requesting

urlpatterns = [
    path("", listing.orders, name="orders"),
    path("request/", requesting.request_order, name="request_order"),
]
