"""Below tokens/mine/: what was assigned to the visitor."""

from __future__ import annotations

from django.urls import path

from token_payments.portal.own_codes import listing, using

urlpatterns = [
    path("", listing.own_codes, name="own_codes"),
    path("<int:assignment_id>/use/", using.use_code, name="use_code"),
    path("<int:assignment_id>/show/", using.show_code, name="show_code"),
]
