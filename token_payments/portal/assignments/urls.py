"""Below tokens/orders/<id>/learners/: whose tokens are whose."""

from __future__ import annotations

from django.urls import path

from token_payments.portal.assignments import learners

urlpatterns = [path("", learners.learners, name="order_learners")]
