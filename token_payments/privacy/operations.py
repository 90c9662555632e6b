"""Retiring a subject, and what invoices keep once the law lets it go."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db.models import F

from token_payments.db.transactions import in_transaction
from token_payments.hosts.base import User
from token_payments.orders.models import TokenOrder
from token_payments.privacy.leaving import take_leave
from token_payments.privacy.models import Retirement
from token_payments.privacy.scrubbing import filter_kept, scrub, scrub_orders_of
from token_payments.privacy.subject import Subject, identify

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Retired:
    """The numbers of values removed, and of unused codes that went back to their buyers.

    ``kept_orders`` of the person keep their billing address for now: they became invoices.
    """

    values: int
    codes: int
    kept_orders: int


def retire_person(
    *,
    now: datetime,
    user: User | None = None,
    addresses: Iterable[str] = (),
    names: Iterable[str] = (),
) -> Retired:
    """Remove every personal value of a person, known by user, e-mail addresses, or both.

    ``names`` are full names beside those that the host knows. All or nothing, in one transaction;
    doing it again removes what has come since. Raises ValueError for nobody, and whatever the
    database raises.
    """
    find = partial(identify, user, addresses=list(addresses), names=list(names))
    retired = in_transaction(lambda: _retire(find(), now))
    log.info("user %s is retired: %s", user.pk if user is not None else "(none)", retired)
    return retired


def forget_invoices(*, now: datetime) -> int:
    """Remove what invoices of retired users kept, once their years are over; returns the values.

    Safe to run again, late, or twice at once.
    """
    removed = 0
    for retirement in Retirement.objects.order_by("pk").iterator():
        values = scrub_orders_of(retirement.user_id, now=now)
        if values:
            removed += values
            _count(retirement.user_id, values)
    return removed


def _retire(subject: Subject, now: datetime) -> Retired:
    codes = take_leave(subject, now=now)
    values = scrub(subject, now=now)
    kept = 0
    if subject.user_id is not None:
        Retirement.objects.get_or_create(
            user_id=subject.user_id, defaults={"first_at": now, "last_at": now}
        )
        Retirement.objects.filter(user=subject.user_id).update(last_at=now)
        _count(subject.user_id, values)
        orders = TokenOrder.objects.filter(filter_kept(now), buyer=subject.user_id, account=None)
        kept = orders.count()
    return Retired(values, codes, kept)


def _count(user_id: int, values: int) -> None:
    Retirement.objects.filter(user=user_id).update(values=F("values") + values)
