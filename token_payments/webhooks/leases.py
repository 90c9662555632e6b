"""How long a worker has an endpoint, or a delivery, for itself alone."""

from __future__ import annotations

from datetime import timedelta

from token_payments.outbox.leases import Lease

RUN_FOR = timedelta(seconds=60)  # then who is left is the next run's
#: Longer than an attempt can take, looking the name up included: after it the worker is dead.
CLAIMED_FOR = timedelta(minutes=5)

ENDPOINT = Lease("busy_until", RUN_FOR + CLAIMED_FOR, holds_end=True)
DELIVERY = Lease("claimed_until", CLAIMED_FOR, holds_end=True)
