"""Every address that the plugin adds to the admin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.urls import URLResolver

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


@dataclass(frozen=True)
class Address:
    """A page's name, and the names of what stands in its address."""

    name: str
    parts: tuple[str, ...]


def list_addresses(patterns: Sequence[Any], outer: tuple[str, ...] = ()) -> list[Address]:
    """Every address below, those of included files too."""
    found: list[Address] = []
    for one in patterns:
        parts = (*outer, *one.pattern.converters)
        if getattr(one, "namespace", None) == "v1":
            continue  # the API has a table of its own: tests/rest_api/matrix.py
        if isinstance(one, URLResolver):
            found += list_addresses(one.url_patterns, parts)
        else:
            found.append(Address(str(one.name), parts))
    return found
