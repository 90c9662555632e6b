"""The API's description, made from the code: a page drawn by Redoc, and OpenAPI 3 for machines."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import include, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.settings import patched_settings
from drf_spectacular.views import SpectacularRedocView
from rest_framework.permissions import AllowAny

from token_payments import conf
from token_payments.rest_api.v1.resources import make_patterns
from token_payments.rest_api.v1.schema import DESCRIPTION, SETTINGS


@lru_cache
def make_document() -> dict[str, Any]:
    """The description; the settings that the host has for its own are left aside."""
    patterns = [path("token-payments/api/v1/", include((make_patterns(), "v1")))]
    with patched_settings({**SETTINGS, "DESCRIPTION": DESCRIPTION}):
        generator = SchemaGenerator(patterns=patterns)
        document: dict[str, Any] = generator.get_schema(request=None, public=True)
    return document


@lru_cache
def write_document() -> bytes:
    """The description as YAML."""
    with patched_settings(SETTINGS):
        written: bytes = OpenApiYamlRenderer().render(make_document(), renderer_context={})
    return written


MEDIA_TYPE = "application/yaml; charset=utf-8"
#: Redoc has its maker's logo at another host: the browser keeps every request of the page here.
POLICY = "connect-src 'self'; font-src 'self' data:; img-src 'self' data:"

# whatever the host has set for views of its own
_redoc = SpectacularRedocView.as_view(
    template_name="token_payments/api/reference.html",
    title=_("API reference"),
    url_name="token_payments:v1:openapi",
    authentication_classes=[],
    permission_classes=[AllowAny],
    throttle_classes=[],
    versioning_class=None,
)


@require_safe
def reference(request: HttpRequest) -> HttpResponseBase:
    """Every operation with its parameters, body and answer."""
    _check_enabled()
    answer: HttpResponseBase = _redoc(request)
    answer["Content-Security-Policy"] = POLICY
    return answer


@require_safe
def openapi(_request: HttpRequest) -> HttpResponse:
    """The description as YAML."""
    _check_enabled()
    return HttpResponse(write_document(), content_type=MEDIA_TYPE)


def _check_enabled() -> None:
    if not conf.is_enabled():
        raise Http404
