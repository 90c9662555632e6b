"""What other systems are told of payments with a Token Code (``events.py``)."""

from __future__ import annotations

from datetime import datetime

from openedx_events.tooling import OpenEdxPublicSignal

from token_payments import events
from token_payments.checkout.models import Redemption
from token_payments.orders.models import TokenCode


def announce_code(
    signal: OpenEdxPublicSignal,
    redemption: Redemption,
    code: TokenCode,
    *,
    actor_id: int | None,
    now: datetime,
) -> None:
    """Tell on commit that the code paid, or no longer does; never what it reads."""
    events.announce(
        signal,
        lambda: [
            events.TokenCodeData(
                order_id=code.order_id,
                serial=code.serial,
                item_key=redemption.item.item_key,
                learner_id=redemption.learner_id,
                redemption_uuid=str(redemption.uuid),
                account_id=code.order.account_id,
                actor_id=actor_id,
                time=now,
            )
        ],
    )
