"""Every address that the plugin adds to the site: those of its admin and those of its pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver

ADMIN = "admin:"
PORTAL = "token_payments:"


def list_admin_addresses() -> list[tuple[str, str]]:
    """(model, pattern name) of every admin page of the plugin's models."""
    found = []
    for model, model_admin in admin.site._registry.items():
        if model._meta.app_label == "token_payments":
            name = model._meta.model_name
            found += [(name, url.name) for url in model_admin.get_urls() if url.name]
    return found


def list_portal_addresses() -> list[tuple[str, Mapping[str, Any]]]:
    """(pattern name, converters of its arguments) of every page of the plugin's own."""
    [plugin] = [
        url
        for url in get_resolver().url_patterns
        if isinstance(url, URLResolver) and url.namespace == "token_payments"
    ]
    return [(url.name, url.pattern.converters) for url in _walk(plugin)]


def _walk(resolver: URLResolver) -> Iterator[URLPattern]:
    for url in resolver.url_patterns:
        if isinstance(url, URLResolver):
            yield from _walk(url)
        else:
            yield url
