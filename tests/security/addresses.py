"""Every address that the plugin adds to the admin."""

from __future__ import annotations

from django.contrib import admin

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
