"""The life cycle of a redemption, as a table: operation, from where, to where."""

from __future__ import annotations

from token_payments.checkout.models import Redemption, RedemptionState
from token_payments.errors import InvalidTransition

REDEMPTION_TRANSITIONS: dict[str, dict[str, str]] = {
    "complete": {RedemptionState.RESERVED: RedemptionState.COMPLETED},
    "reverse": {RedemptionState.COMPLETED: RedemptionState.REVERSED},
}


def advance(redemption: Redemption, operation: str) -> None:
    """Put the redemption into the state that the operation leads to. Raises InvalidTransition."""
    steps = REDEMPTION_TRANSITIONS[operation]
    if redemption.state not in steps:
        raise InvalidTransition(f"Redemption {redemption.uuid}", redemption.state, operation)
    redemption.state = steps[redemption.state]
