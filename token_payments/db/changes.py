"""Changes of rows that people edit: who made one, why, and of which version it is."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any

from django.db.models import Model

from token_payments.errors import VersionConflict

LENGTH = 32  # hexadecimal digits


def compute_version(row: Model, *more: Any, left_out: Collection[str] = ()) -> str:
    """A digest of the row's columns, and of what else belongs to it; another one after a change.

    ``left_out`` are columns that no person edits.
    """
    fields = [field for field in row._meta.concrete_fields if field.name not in left_out]
    values = [getattr(row, field.attname) for field in fields]
    text = "\x1f".join(map(_write, [*values, *more]))
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]


def check_version(expected: str | None, actual: str) -> None:
    """Raises VersionConflict unless they are the same; None stands for any."""
    if expected is not None and expected != actual:
        raise VersionConflict


def _write(value: Any) -> str:
    return f"{type(value).__name__}:{value}"


MAX_REASON = 100  # characters that simple_history has room for


def set_change_author(row: Model, actor: Any, reason: str = "") -> None:
    """Before the row is saved or deleted; ``actor`` is a user, None the system."""
    signed: Any = row
    signed._history_user = actor
    signed._change_reason = reason[:MAX_REASON] or None
