"""Addresses for those who run a course."""

from __future__ import annotations

from django.urls import path

from token_payments.portal.course_payments import views

urlpatterns = [
    path("", views.course_payments, name="course_payments"),
    path("orders/", views.course_orders, name="course_orders"),
    path("csv/", views.course_payments_csv, name="course_payments_csv"),
]
