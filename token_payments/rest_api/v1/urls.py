"""The addresses of the API, v1: its resources, and its description."""

from __future__ import annotations

from django.urls import path, re_path

from token_payments.rest_api.v1 import document
from token_payments.rest_api.v1.base import Missing
from token_payments.rest_api.v1.resources import make_patterns

app_name = "v1"

METHODS = ("get", "post", "put", "patch", "delete")

urlpatterns = [
    *make_patterns(),
    path("docs/", document.reference, name="reference"),
    path("openapi.yaml", document.openapi, name="openapi"),
    re_path("", Missing.as_view(dict.fromkeys(METHODS, "missing")), name="missing"),
]
