"""Addresses of the learners', the members' and the buyers' pages."""

from __future__ import annotations

from django.urls import include, path

from token_payments.portal import finish, receipt, views
from token_payments.portal.orders import listing
from token_payments.portal.tokens import (
    alert,
    balances,
    enrol,
    members,
    statement,
    transferring,
)

ACCOUNT = "tokens/<int:account_id>/"
ORDER = "tokens/orders/<int:order_id>/"
PORTAL = "token_payments.portal"

urlpatterns = [
    path("checkout/<str:item_key>/", views.checkout, name="checkout"),
    path("checkout/<str:item_key>/review/", views.review, name="review"),
    path("checkout/<str:item_key>/finish/", finish.finish, name="finish"),
    path("checkout/<str:item_key>/enrol-again/", finish.enrol_again, name="enrol_again"),
    path("receipt/<uuid:redemption_uuid>/", receipt.receipt, name="receipt"),
    path("courses/<str:item_key>/payments/", include(f"{PORTAL}.course_payments.urls")),
    path("tokens/", balances.tokens, name="tokens"),
    path("tokens/mine/", include(f"{PORTAL}.own_codes.urls")),
    path("tokens/orders/", include(f"{PORTAL}.orders.urls")),
    path(ORDER, include(f"{PORTAL}.order_page.urls")),
    path(f"{ORDER}learners/", include(f"{PORTAL}.assignments.urls")),
    path(f"{ORDER}invoice/", include(f"{PORTAL}.invoices.urls")),
    path(f"{ACCOUNT}<int:type_id>/", statement.statement, name="statement"),
    path(f"{ACCOUNT}<int:type_id>/csv/", statement.statement_csv, name="statement_csv"),
    path(f"{ACCOUNT}<int:type_id>/alert/", alert.alert, name="alert"),
    path(f"{ACCOUNT}<int:type_id>/transfer/", transferring.transfer_tokens, name="transfer_tokens"),
    path(f"{ACCOUNT}orders/", listing.account_orders, name="account_orders"),
    path(f"{ACCOUNT}members/", members.members, name="members"),
    path(f"{ACCOUNT}members/change/", members.change_member, name="change_member"),
    path(f"{ACCOUNT}enrol/", enrol.enrol_members, name="enrol_members"),
    path(f"{ACCOUNT}enrol/pay/", enrol.pay_for_members, name="pay_for_members"),
]
