"""The plugin's tables at one moment, for tests that nothing has changed."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connection


def take_snapshot() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of the plugin, as the database keeps it.

    Straight from the database: to make the SQL of so many querysets takes longer than to run it.
    """
    models = apps.get_app_config("token_payments").get_models(include_auto_created=True)
    with connection.cursor() as cursor:
        return {model._meta.label: _read(cursor, model._meta.db_table) for model in models}


def _read(cursor: Any, table: str) -> list[tuple[Any, ...]]:
    cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY 1")
    return list(cursor.fetchall())
