"""The plugin's tables at one moment, for tests that nothing has changed."""

from __future__ import annotations

from typing import Any

from django.apps import apps


def take_snapshot() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of the plugin."""
    models = apps.get_app_config("token_payments").get_models(include_auto_created=True)
    return {
        model._meta.label: sorted(map(repr, model._default_manager.values_list()))
        for model in models
    }
