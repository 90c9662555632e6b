"""django-oscar's voucher: found by its code, checked, and its usage recorded.

Its order and its basket cost nothing here: all orders of a client are one row that exists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from importlib.util import find_spec
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from benchmarks.clients import Operation, UsedUp


def is_installed() -> bool:
    return find_spec("oscar") is not None


def make_order(user: Any) -> Any:
    from oscar.core.loading import get_model

    return get_model("order", "Order").objects.create(
        number=uuid4().hex, user=user, currency="GBP", total_incl_tax=0, total_excl_tax=0
    )


def make_vouchers(quantity: int) -> list[str]:
    """The codes of so many new single-use vouchers."""
    from oscar.core.loading import get_model

    voucher_model = get_model("voucher", "Voucher")
    now = timezone.now()
    codes = [uuid4().hex.upper() for _ in range(quantity)]
    voucher_model.objects.bulk_create(
        [
            voucher_model(
                name=code,
                code=code,
                usage=voucher_model.SINGLE_USE,
                start_datetime=now - timedelta(days=1),
                end_datetime=now + timedelta(days=365),
            )
            for code in codes
        ],
        batch_size=1000,
    )
    return codes


def make_redeem(
    orders: Sequence[Any], choose: Callable[[int], Iterator[tuple[Any, str]]]
) -> Callable[[int], Operation]:
    """``choose`` gives a client's learners with the voucher code of each."""

    def make(client: int) -> Operation:
        from oscar.core.loading import get_model

        voucher_model = get_model("voucher", "Voucher")
        order, pairs = orders[client], choose(client)

        def operate() -> None:
            learner, code = next(pairs, (None, ""))
            if learner is None:
                raise UsedUp
            with transaction.atomic():
                voucher = voucher_model.objects.get(code=code)
                is_available, message = voucher.is_available_to_user(learner)
                if not (voucher.is_active() and is_available):
                    raise ValueError(message)
                voucher.record_usage(order, learner)

        return operate

    return make
