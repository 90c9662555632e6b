"""Who changed a row and why, for the history that is written when it is saved."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

MAX_REASON = 100  # characters that simple_history has room for


def sign(row: Model, actor: Any, reason: str = "") -> None:
    """Before the row is saved or deleted; ``actor`` is a user, None the system."""
    signed: Any = row
    signed._history_user = actor
    signed._change_reason = reason[:MAX_REASON] or None
