"""The plugin's pages, data and API; the LMS mounts them under ``/token-payments/``."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

app_name = "token_payments"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("token_payments.portal.urls")),
    path("api/front/v1/", include("token_payments.rest_api.front.urls")),
    path("api/v1/", include("token_payments.rest_api.v1.urls")),
]
