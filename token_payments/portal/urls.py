"""Addresses of the learners' pages."""

from __future__ import annotations

from django.urls import path

from token_payments.portal import finish, receipt, views

urlpatterns = [
    path("checkout/<str:item_key>/", views.checkout, name="checkout"),
    path("checkout/<str:item_key>/review/", views.review, name="review"),
    path("checkout/<str:item_key>/finish/", finish.finish, name="finish"),
    path("checkout/<str:item_key>/enrol-again/", finish.enrol_again, name="enrol_again"),
    path("receipt/<uuid:redemption_uuid>/", receipt.receipt, name="receipt"),
]
