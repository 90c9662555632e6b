"""Rights in orders and codes: who looks after an order, and to whom a code was given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.db import connection
from django.db.models import Count, FilteredRelation, Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from token_payments.assignments.mails import filter_stale
from token_payments.assignments.models import AssignmentBatch, CodeAssignment, MailState
from token_payments.db.prepared import Prepared
from token_payments.hosts.base import User
from token_payments.orders.models import CodeStatus, TokenCode, TokenOrder
from token_payments.wallets.models import AccountMember, AccountRole

CHANGE_ORDERS = "token_payments.change_tokenorder"  # what staff who hand out have
PAGE = 1000  # assignments that a listing of all holds in memory at once


@dataclass(frozen=True)
class MailProgress:
    """How far the mails of a batch are; ``total`` counts every assignment of it that is live.

    ``stale`` mails began to be sent and may have left or not; ``needless`` ones stay
    where they are, since the code was used or cancelled before.
    """

    waiting: int = 0
    sending: int = 0
    sent: int = 0
    failed: int = 0
    stale: int = 0
    needless: int = 0

    @property
    def total(self) -> int:
        return self.waiting + self.sending + self.sent + self.failed + self.stale + self.needless

    @property
    def is_done(self) -> bool:
        return not self.waiting and not self.sending


def list_orders_of(user: User) -> QuerySet[TokenOrder]:
    """The orders that a user looks after, the newest first.

    As their buyer, as a delegate, or as a manager of the account that they are for.
    """
    return TokenOrder.objects.filter(_looks_after(user)).order_by("-id").distinct()


def find_order_of(user: User, order_id: int) -> TokenOrder | None:
    """The order, if the user looks after it."""
    orders = list_orders_of(user).filter(pk=order_id)
    return orders.select_related("buyer", "item", "account", "token_type").first()


@dataclass(frozen=True)
class OrderAccess:
    """The rights of a person in an order; a stranger has none at all.

    Everybody with access sees and distributes its codes; its owner (the buyer, or a manager of its
    account) also sees its money, cancels, and says who else distributes it.
    """

    order: TokenOrder
    is_owner: bool


def find_access(user: User, order_id: int) -> OrderAccess | None:
    """The user's rights in the order; None for a stranger, and when there is no such order."""
    order = find_order_of(user, order_id)
    if order is None:
        return None
    if order.buyer_id == user.pk:
        return OrderAccess(order, is_owner=True)
    manages = AccountMember.objects.filter(
        account=order.account_id, user=user, role=AccountRole.MANAGER
    )
    return OrderAccess(order, is_owner=manages.exists())


def may_distribute(user: User, order: TokenOrder) -> bool:
    """Whether the user hands the order's codes out: who looks after it, and staff."""
    return bool(user.has_perm(CHANGE_ORDERS)) or find_access(user, order.pk) is not None


def find_code_with_holder(hashes: Sequence[str]) -> tuple[TokenCode, str] | None:
    """A code with its order, and the address that alone may redeem it; "" when anybody may."""
    given = {f"hash{number}": code_hash for number, code_hash in enumerate(hashes)}
    rows = _prepare_find(len(hashes)).fetch(**given)
    if not rows:
        return None
    holder, *values = rows[0]
    code = TokenCode.from_db(connection.alias, _CODE, values[: len(_CODE)])
    code.order = TokenOrder.from_db(connection.alias, _ORDER, values[len(_CODE) :])
    return code, holder or ""


def find_assigned_address(code: TokenCode) -> str:
    """The address that the code was given to, also if others may use it; "" while there is none."""
    rows = CodeAssignment.objects.filter(code=code, live=True).values_list("email", flat=True)
    return rows.first() or ""


_CODE = [field.attname for field in TokenCode._meta.concrete_fields]
_ORDER = [field.attname for field in TokenOrder._meta.concrete_fields]


@cache
def _prepare_find(number: int) -> Prepared:
    """The read for so many hashes: one for each of the operator's keys."""
    holds = Q(assignments__live=True, assignments__is_open=False)

    def build(**hashes: str) -> QuerySet[TokenCode, tuple[object, ...]]:
        codes = TokenCode.objects.filter(code_hash__in=list(hashes.values())).order_by()
        codes = codes.annotate(holder=FilteredRelation("assignments", condition=holds))
        columns = (*_CODE, *(f"order__{name}" for name in _ORDER))
        return codes.values_list("holder__email", *columns)

    return Prepared(build, **{f"hash{position}": str for position in range(number)})


def measure_progress(batch: AssignmentBatch, *, now: datetime) -> MailProgress:
    """In one query."""
    unused, stale = Q(code__status=CodeStatus.AVAILABLE), filter_stale(now)
    sending = Q(mail_state=MailState.SENDING) & ~stale
    groups = {
        "waiting": Q(mail_state=MailState.WAITING) & unused,
        "sending": sending,
        "sent": Q(mail_state=MailState.SENT),
        "failed": Q(mail_state=MailState.FAILED) & unused,
        "stale": stale & unused,
        "needless": ~unused & ~Q(mail_state=MailState.SENT) & ~sending,
    }
    counts = {name: Count("id", filter=condition) for name, condition in groups.items()}
    return MailProgress(**batch.assignments.filter(live=True).aggregate(**counts))


class AssignmentShow(TextChoices):
    """The kinds of an order's assignments that can be asked for."""

    LIVE = "", _("Everybody")
    WAITING = "waiting", _("Mail not yet sent")
    UNUSED = "unused", _("Sent, not redeemed")
    REDEEMED = "redeemed", _("Redeemed")
    FAILED = "failed", _("Mail could not be sent")
    ENDED = "ended", _("Taken back")


_SHOWN = {
    AssignmentShow.LIVE: Q(live=True),
    AssignmentShow.WAITING: Q(
        live=True,
        code__status=CodeStatus.AVAILABLE,
        mail_state__in=(MailState.WAITING, MailState.SENDING),
    ),
    AssignmentShow.UNUSED: Q(
        live=True, code__status=CodeStatus.AVAILABLE, mail_state=MailState.SENT
    ),
    AssignmentShow.REDEEMED: Q(live=True, code__status=CodeStatus.REDEEMED),
    AssignmentShow.FAILED: Q(
        live=True, code__status=CodeStatus.AVAILABLE, mail_state=MailState.FAILED
    ),
    AssignmentShow.ENDED: Q(live=None),
}


def list_assignments(
    order: TokenOrder, *, show: AssignmentShow = AssignmentShow.LIVE, text: str = ""
) -> QuerySet[CodeAssignment]:
    """An order's assignments with their codes, the newest first.

    ``text`` is part of the name or address of the person whom a code is for, or of the learner who
    redeemed it.
    """
    rows = CodeAssignment.objects.filter(_SHOWN[show], batch__order=order)
    if text:
        by_others = Q(redemptions__live=True, redemptions__learner__email__icontains=text)
        redeemed = TokenCode.objects.filter(by_others, order=order).order_by().values("pk")
        rows = rows.filter(
            Q(name__icontains=text) | Q(email__icontains=text) | Q(code__in=redeemed)
        )
    # batches are the newest first by themselves, and made one after the other: databases then read
    # a page from an index, where by the ids alone they would sort every learner of the order
    return rows.select_related("code").order_by("batch", "-id")


def iterate_assignments(
    assignments: QuerySet[CodeAssignment],
) -> Iterator[Sequence[CodeAssignment]]:
    """The same in pages, the newest first: memory stays that of one page."""
    last = None
    while True:
        rest = assignments if last is None else assignments.filter(pk__lt=last)
        page = list(rest[:PAGE])
        if not page:
            return
        yield page
        last = page[-1].pk


def _looks_after(user: User) -> Q:
    is_manager = Q(account__members__user=user, account__members__role=AccountRole.MANAGER)
    return Q(buyer=user) | Q(delegates__user=user) | is_manager
