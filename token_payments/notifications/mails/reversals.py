"""Payments that were reversed: the learner is told, and whoever's tokens or code came back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Sum

from token_payments.checkout.models import Redemption, RedemptionState
from token_payments.checkout.reversals import REASON_LEFT
from token_payments.hosts import host
from token_payments.hosts.base import User
from token_payments.notifications.mails import base
from token_payments.orders.models import CodeStatus
from token_payments.privacy.subject import REMOVED
from token_payments.wallets.accounts import list_managers
from token_payments.wallets.models import EntryKind, TokenIssue


@base.in_site_language
def send_reversal_mail(redemption_id: int, *, now: datetime) -> None:
    """Tell, once, that a payment was reversed; nothing for one that wasn't.

    Raises what the transport raises while a mail may be tried again.
    """
    relations = ("learner", "item", "code__order__buyer", "wallet__account", "wallet__token_type")
    redemption = Redemption.objects.select_related(*relations).get(pk=redemption_id)
    if redemption.state == RedemptionState.REVERSED:
        base.send_notices(_tell(redemption), now=now)


def _tell(redemption: Redemption) -> Iterator[base.NoticeMail]:
    context = _describe(redemption)
    told = {redemption.learner_id}
    yield _write(redemption, redemption.learner, "reversed_learner", context)
    for owner in _list_owners(redemption):
        if owner.pk not in told:
            told.add(owner.pk)
            yield _write(redemption, owner, "reversed_owner", context)


def _write(
    redemption: Redemption, reader: User, name: str, context: dict[str, Any]
) -> base.NoticeMail:
    greeted = context | {"name": base.tidy(host.get_full_name(reader))}
    key = f"reversal:{redemption.pk}:{base.digest(reader.email)}"
    return base.NoticeMail(key, reader.email, base.write_mail(name, greeted))


def _list_owners(redemption: Redemption) -> list[User]:
    """The managers of the account that paid, or the buyer of the code; else nobody.

    In place of a buyer who has no account any more the managers of the order's account are told.
    """
    if redemption.code is not None:
        order = redemption.code.order
        if order.buyer.is_active and order.buyer.email:
            return [order.buyer]
        account_id = order.account_id
    else:
        account_id = redemption.wallet.account_id if redemption.wallet else None
    return list_managers([account_id])[account_id] if account_id else []


def _describe(redemption: Redemption) -> dict[str, Any]:
    is_left = redemption.reversal_reason == str(REASON_LEFT)  # the first sentence says so
    is_removed = redemption.reversal_reason == REMOVED  # the learner's account is retired
    context: dict[str, Any] = {
        "redemption": redemption,
        "course": base.tidy(redemption.item.title or redemption.item.item_key),
        "learner": base.tidy(host.get_full_name(redemption.learner)),
        "left": redemption.left_at is not None,
        "reason": "" if is_left or is_removed else base.tidy(redemption.reversal_reason),
    }
    if redemption.code is not None:
        order = redemption.code.order
        return context | {
            "is_code": True,
            "order": order,
            "last_four": redemption.code.last_four,
            "is_learners": redemption.code.status == CodeStatus.AVAILABLE,
            "is_replaced": redemption.code.status == CodeStatus.REPLACED,
            "url": base.absolute("order", order_id=order.pk),
            "own_codes_url": base.absolute("own_codes"),
        }
    if redemption.wallet is None:
        return context
    return context | _describe_tokens(redemption)


def _describe_tokens(redemption: Redemption) -> dict[str, Any]:
    assert redemption.wallet is not None
    back = redemption.entries.filter(kind=EntryKind.REVERSAL)
    over = back.filter(issue__expires_at__lte=redemption.reversed_at)
    again = TokenIssue.objects.filter(idempotency_key__startswith=f"refund:{redemption.pk}:")
    expired = _sum(over) - (again.aggregate(sum=Sum("quantity"))["sum"] or 0)
    wallet = redemption.wallet
    return {
        "is_code": False,
        "tokens": _sum(back),
        "expired": expired,
        "usable": _sum(back) - expired,
        "again": again.order_by("expires_at").first(),
        "token_type": base.tidy(wallet.token_type),
        "account": base.tidy(wallet.account),
        "url": base.get_statement_url(wallet),
    }


def _sum(entries: Any) -> int:
    return int(entries.aggregate(sum=Sum("amount"))["sum"] or 0)
