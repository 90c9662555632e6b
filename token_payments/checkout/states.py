"""The life cycle of a redemption, as a table: operation, from where, to where."""

from __future__ import annotations

from token_payments.checkout.models import RedemptionState

REDEMPTION_TRANSITIONS: dict[str, dict[str, str]] = {
    "complete": {RedemptionState.RESERVED: RedemptionState.COMPLETED},
    "reverse": {RedemptionState.COMPLETED: RedemptionState.REVERSED},
}
