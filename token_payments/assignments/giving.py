"""Everything that changes who holds which code, and who looks after an order.

Locks: an operation locks the order's row first, then the codes that it gives away, by serial: a
learner who redeems one at that moment either has it, or finds it assigned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from token_payments.assignments.models import (
    MAX_RECIPIENTS,
    AssignmentBatch,
    CodeAssignment,
    OrderDelegate,
)
from token_payments.errors import IdempotencyConflict, InvalidTransition, NotEnoughUnused
from token_payments.hosts.base import User
from token_payments.orders.generation import replace_code
from token_payments.orders.log import add_log_entry
from token_payments.orders.models import (
    CodeStatus,
    OrderStatus,
    TokenCode,
    TokenOrder,
    TokenOrderAction,
)
from token_payments.orders.placing import lock_order
from token_payments.outbox.earlier import find_earlier, make_once
from token_payments.outbox.steps import Step, announce


@dataclass(frozen=True)
class Recipient:
    """The person whom a code is for: ``email`` in lower case, ``name`` may be empty."""

    email: str
    name: str = ""


def assign_codes(
    order_id: int,
    recipients: Sequence[Recipient],
    *,
    is_open: bool = False,
    actor: User,
    idempotency_key: str,
    now: datetime,
) -> AssignmentBatch:
    """Assign an available code of an order to each recipient, the lowest serial numbers first.

    With ``is_open`` others may use them too. Raises NotEnoughUnused, InvalidTransition for an order
    that isn't processed or is past its redeem-by, IdempotencyConflict; ValueError for over 5,000.
    """
    find = partial(find_batch, order_id, idempotency_key, recipients, is_open=is_open)

    def give() -> AssignmentBatch:
        if not 1 <= len(recipients) <= MAX_RECIPIENTS:
            raise ValueError(f"{len(recipients)} recipients")
        with transaction.atomic():
            order = lock_order(order_id)
            check_givable(order, now)
            batch = _add_batch(
                order, len(recipients), actor=actor, idempotency_key=idempotency_key, now=now
            )
            codes = _take_codes(order, len(recipients))
            _add_assignments(batch, codes, recipients, is_open=is_open, now=now)
            add_log_entry(
                order,
                TokenOrderAction.CODES_ASSIGNED,
                actor=actor,
                now=now,
                quantity=len(recipients),
            )
            announce(Step.MAILS_WAIT, order.pk)
        return batch

    return find() or make_once(give, find)


def revoke(assignment_id: int, *, actor: User | None, now: datetime) -> TokenCode:
    """Take an unused code away from its learner; a new code takes its place in the order.

    The old code can't be redeemed any more. Returns the new one, which is assigned to nobody; doing
    it again returns the same one. ``actor`` is None where no person acts. Raises InvalidTransition
    when the code was redeemed or cancelled meanwhile.
    """
    with transaction.atomic():
        order = lock_order(CodeAssignment.objects.get(pk=assignment_id).code.order_id)
        assignment = CodeAssignment.objects.select_related("code").get(pk=assignment_id)
        if not assignment.live:
            return TokenCode.objects.get(replaces=assignment.code_id)
        fresh = replace_code(assignment.code, order)
        _end(assignment, now)
        add_log_entry(
            order,
            TokenOrderAction.CODES_REVOKED,
            actor=actor,
            now=now,
            quantity=1,
            detail=str(assignment.code),
        )
    return fresh


def reassign(
    assignment_id: int,
    recipient: Recipient,
    *,
    is_open: bool = False,
    actor: User,
    idempotency_key: str,
    now: datetime,
) -> AssignmentBatch:
    """Give an unused code's place to another recipient: the old code dies, the new one is theirs.

    The recipient may be the same one: the old code may have got lost. The same key answers with the
    batch that it made. Raises InvalidTransition and IdempotencyConflict like ``revoke`` and
    ``assign_codes``, and InvalidTransition (``state`` "ended") when the code was taken away
    meanwhile.
    """
    with transaction.atomic():
        order = lock_order(CodeAssignment.objects.get(pk=assignment_id).code.order_id)
        earlier = find_batch(
            order.pk, idempotency_key, [recipient], is_open=is_open, instead_of=assignment_id
        )
        if earlier is not None:
            return earlier
        check_givable(order, now)
        if not CodeAssignment.objects.filter(pk=assignment_id, live=True).exists():
            raise InvalidTransition(f"Assignment {assignment_id}", "ended", "reassign")
        fresh = revoke(assignment_id, actor=actor, now=now)
        batch = _add_batch(order, 1, actor=actor, idempotency_key=idempotency_key, now=now)
        _add_assignments(batch, [fresh], [recipient], is_open=is_open, now=now)
        add_log_entry(order, TokenOrderAction.CODES_ASSIGNED, actor=actor, now=now, quantity=1)
        announce(Step.MAILS_WAIT, order.pk)
    return batch


def add_delegate(order: TokenOrder, user: User, *, actor: User, now: datetime) -> OrderDelegate:
    """Let a user see an order and assign its codes, beside its buyer.

    Doing it again changes nothing.
    """
    with transaction.atomic():
        delegate, is_new = OrderDelegate.objects.get_or_create(
            order=order, user=user, defaults={"added_by": actor, "created_at": now}
        )
        if is_new:
            name = user.get_username()
            add_log_entry(order, TokenOrderAction.DELEGATE_ADDED, actor=actor, now=now, detail=name)
            announce(Step.DELEGATE_ADDED, delegate)
    return delegate


def remove_delegate(order: TokenOrder, user: User, *, actor: User, now: datetime) -> bool:
    """Undo ``add_delegate``; False for a user who was no delegate."""
    with transaction.atomic():
        deleted, _rows = OrderDelegate.objects.filter(order=order, user=user).delete()
        if deleted:
            name = user.get_username()
            add_log_entry(
                order, TokenOrderAction.DELEGATE_REMOVED, actor=actor, now=now, detail=name
            )
    return bool(deleted)


def check_givable(order: TokenOrder, now: datetime) -> None:
    """Whether the order's codes are of use to anybody.

    Raises InvalidTransition: ``state`` is the order's, or "past_redeem_by".
    """
    state = (
        "" if order.status == OrderStatus.PROCESSED and not order.is_for_wallet else order.status
    )
    if not state and order.redeem_by is not None and order.redeem_by <= now:
        state = "past_redeem_by"
    if state:
        raise InvalidTransition(f"Order {order.number}", state, "assign")


def _take_codes(order: TokenOrder, quantity: int) -> list[TokenCode]:
    """So many available, unassigned codes, locked. Raises NotEnoughUnused."""
    unassigned = list_unassigned(order).order_by("serial")
    codes = list(unassigned.select_for_update()[:quantity])
    if len(codes) < quantity:
        raise NotEnoughUnused(wanted=quantity, available=len(codes))
    return codes


def list_unassigned(order: TokenOrder) -> QuerySet[TokenCode]:
    """The order's available, unassigned codes."""
    assigned = CodeAssignment.objects.filter(code=OuterRef("pk"), live=True)
    return TokenCode.objects.filter(~Exists(assigned), order=order, status=CodeStatus.AVAILABLE)


def _add_batch(
    order: TokenOrder, quantity: int, *, actor: User, idempotency_key: str, now: datetime
) -> AssignmentBatch:
    return AssignmentBatch.objects.create(
        order=order,
        quantity=quantity,
        actor=actor,
        idempotency_key=idempotency_key,
        created_at=now,
    )


def _add_assignments(
    batch: AssignmentBatch,
    codes: Sequence[TokenCode],
    recipients: Sequence[Recipient],
    *,
    is_open: bool,
    now: datetime,
) -> None:
    CodeAssignment.objects.bulk_create(
        CodeAssignment(
            batch=batch,
            code=code,
            email=recipient.email.lower(),
            name=recipient.name,
            is_open=is_open,
            created_at=now,
        )
        for code, recipient in zip(codes, recipients, strict=True)
    )


def _end(assignment: CodeAssignment, now: datetime) -> None:
    CodeAssignment.objects.filter(pk=assignment.pk).update(live=None, ended_at=now)


def find_batch(
    order_id: int,
    idempotency_key: str,
    recipients: Sequence[Recipient],
    *,
    is_open: bool,
    instead_of: int | None = None,
) -> AssignmentBatch | None:
    """The batch that the request with this key made earlier, if any. Raises IdempotencyConflict.

    ``instead_of`` is the assignment that was ended for it.
    """
    earlier = find_earlier(AssignmentBatch, idempotency_key, order_id=order_id)
    if earlier is None:
        return None
    made = earlier.assignments.values_list("email", "name", "is_open")
    wanted = [(each.email.lower(), each.name, is_open) for each in recipients]
    is_same = sorted(made) == sorted(wanted)
    if is_same and instead_of is not None:
        ended = CodeAssignment.objects.filter(code__replaced_by__assignments__batch=earlier)
        is_same = ended.filter(pk=instead_of).exists()
    if not is_same:
        raise IdempotencyConflict(idempotency_key)
    return earlier
