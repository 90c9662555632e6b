"""Addresses for front ends."""

from __future__ import annotations

from django.urls import path

from token_payments.rest_api.front import views

urlpatterns = [path("items/<str:item_key>", views.ItemView.as_view(), name="front_item")]
