"""Below tokens/mine/: what was assigned to the visitor."""

from __future__ import annotations

from django.urls import path

from token_payments.portal.own_codes import listing

urlpatterns = [path("", listing.own_codes, name="own_codes")]
