"""The author and the reason of a change, for the history that is written when a row is saved."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

MAX_REASON = 100  # characters that simple_history has room for


def set_change_author(row: Model, actor: Any, reason: str = "") -> None:
    """Before the row is saved or deleted; ``actor`` is a user, None the system."""
    signed: Any = row
    signed._history_user = actor
    signed._change_reason = reason[:MAX_REASON] or None
