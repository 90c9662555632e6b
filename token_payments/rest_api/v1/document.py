"""The API's description as OpenAPI 3, made from the code."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.urls import include, path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.settings import patched_settings

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
