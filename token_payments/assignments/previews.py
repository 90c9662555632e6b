"""From a list to tokens: what each row of it would get, and then giving it that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count

from token_payments.assignments import giving
from token_payments.assignments.models import MAX_RECIPIENTS, AssignmentBatch, CodeAssignment
from token_payments.assignments.rows import Row, Verdict, judge
from token_payments.errors import ListChanged
from token_payments.hosts.base import User
from token_payments.orders.models import CodeStatus, TokenCode, TokenOrder
from token_payments.orders.placing import lock_order

MAX_MAILED = 5  # first mails to one address, of one order, within DAY
DAY = timedelta(days=1)


def count_unassigned(order: TokenOrder) -> int:
    """How many codes can be given away, counted to one more than a list may have."""
    return giving.list_unassigned(order).order_by()[: MAX_RECIPIENTS + 1].count()


def list_holders(order: TokenOrder) -> set[str]:
    """The addresses, in lower case, that hold a code of the order or have redeemed one."""
    kept = (CodeStatus.AVAILABLE, CodeStatus.REDEEMED)
    assigned = CodeAssignment.objects.filter(
        batch__order=order, live=True, code__status__in=kept
    ).order_by()
    # the payments hang on the code, whatever they are
    redeemed = TokenCode.objects.filter(order=order, redemptions__live=True).order_by()
    holders = set(assigned.values_list("email", flat=True))
    return holders.union(
        email.lower() for email in redeemed.values_list("redemptions__learner__email", flat=True)
    )


def list_rate_limited(order: TokenOrder, *, now: datetime) -> set[str]:
    """The addresses that were given codes of the order so often that they are left alone today.

    Each giving is a mail, also of a code that was taken back.
    """
    given = CodeAssignment.objects.filter(batch__order=order, created_at__gt=now - DAY).order_by()
    counted = given.values("email").annotate(number=Count("pk"))
    return set(counted.filter(number__gte=MAX_MAILED).values_list("email", flat=True))


def preview_list(
    order: TokenOrder, rows: Sequence[Row], *, now: datetime, instead_of: str | None = None
) -> list[Row]:
    """The rows with what becomes of each; ``instead_of`` is the address that gives its code up."""
    holders, rate_limited = list_holders(order), list_rate_limited(order, now=now)
    if instead_of is None:
        available = count_unassigned(order)
    else:
        available, holders = 1, holders - {instead_of}
    return judge(rows, assigned=holders, rate_limited=rate_limited, available=available)


def assign_list(
    order_id: int,
    rows: Sequence[Row],
    *,
    is_open: bool = False,
    actor: User,
    idempotency_key: str,
    now: datetime,
) -> AssignmentBatch:
    """``assign_codes`` for rows that all had a good verdict when they were looked at.

    Raises ListChanged when one of them hasn't any more, and what ``assign_codes`` does; nobody gets
    a code then.
    """
    recipients = [row.recipient for row in rows]
    earlier = giving.find_batch(order_id, idempotency_key, recipients, is_open=is_open)
    if earlier is not None:
        return earlier
    with transaction.atomic():
        order = lock_order(order_id)
        # by who held the lock before
        earlier = giving.find_batch(order_id, idempotency_key, recipients, is_open=is_open)
        if earlier is not None:
            return earlier
        giving.check_givable(order, now)
        judged = preview_list(order, rows, now=now)
        if any(row.verdict != Verdict.OK for row in judged):
            raise ListChanged(judged)
        return giving.assign_codes(
            order_id,
            recipients,
            is_open=is_open,
            actor=actor,
            idempotency_key=idempotency_key,
            now=now,
        )


def reassign_to(
    assignment_id: int,
    row: Row,
    *,
    is_open: bool = False,
    actor: User,
    idempotency_key: str,
    now: datetime,
) -> AssignmentBatch:
    """``reassign`` to whom a row names, by the rules of lists.

    Raises ListChanged for a bad address, and for one that holds another token of the order: each
    learner gets one. The holder of this one may hold what comes in its place.
    """
    with transaction.atomic():
        order = lock_order(CodeAssignment.objects.get(pk=assignment_id).code.order_id)
        earlier = giving.find_batch(
            order.pk, idempotency_key, [row.recipient], is_open=is_open, instead_of=assignment_id
        )
        if earlier is not None:
            return earlier
        giving.check_givable(order, now)
        holder = CodeAssignment.objects.get(pk=assignment_id).email
        judged = preview_list(order, [row], now=now, instead_of=holder)
        if judged[0].verdict != Verdict.OK:
            raise ListChanged(judged)
        return giving.reassign(
            assignment_id,
            row.recipient,
            is_open=is_open,
            actor=actor,
            idempotency_key=idempotency_key,
            now=now,
        )
