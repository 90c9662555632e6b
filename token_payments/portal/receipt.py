"""The receipt of one payment."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from token_payments.checkout import queries as checkout_queries
from token_payments.errors import ItemNotFound, NotOffered
from token_payments.hosts import host
from token_payments.hosts.base import HostItem
from token_payments.hosts.people import get_user
from token_payments.l10n.formats import format_money
from token_payments.models import AccountRole, Redemption
from token_payments.portal import formats
from token_payments.portal.pages import render_page
from token_payments.portal.tokens.access import tokens_page
from token_payments.presenters.payment_lines import write_method
from token_payments.wallets import queries as wallet_queries


@tokens_page
@require_safe
def receipt(request: HttpRequest, redemption_uuid: uuid.UUID) -> HttpResponse:
    """The receipt, for its learner and for managers of the account that paid or of the course.

    404 for all others, members of that account among them.
    """
    rows = Redemption.objects.select_related("item", "code", "learner", "actor")
    rows = rows.select_related("wallet__account", "wallet__token_type")
    redemption = get_object_or_404(rows, uuid=redemption_uuid)
    role = _find_role(request, redemption)
    if not _may_see(request, redemption, role):
        raise Http404
    item = redemption.item
    host_item = _find_host_item(item.item_key)
    enrolment = host.get_enrolment(redemption.learner, item.item_key)
    mode = host_item.get_mode(redemption.mode) if host_item else None
    return render_page(
        request,
        "checkout/receipt.html",
        redemption=redemption,
        host_item=host_item,
        item_key=item.item_key,
        title=host_item.title if host_item else item.title,
        is_own=redemption.learner_id == request.user.pk,
        is_enrolled=enrolment is not None and enrolment.is_active,
        actor_name=host.get_full_name(redemption.actor),
        learner_name=host.get_full_name(redemption.learner),
        mode=mode.name if mode else redemption.mode,
        price=format_money(redemption.price, redemption.currency),
        starts=formats.write_start(host_item) if host_item else "",
        day=formats.write_day(redemption.completed_at or redemption.created_at),
        method=write_method(redemption.method),
        receipt_template=_find_template(redemption.method),
        **_describe_tokens(redemption, with_balance=role is not None),
    )


def _find_role(request: HttpRequest, redemption: Redemption) -> AccountRole | None:
    """The visitor's role in the account that paid; None without one."""
    if redemption.wallet is None:
        return None
    return wallet_queries.find_role(redemption.wallet.account, get_user(request))


def _may_see(request: HttpRequest, redemption: Redemption, role: AccountRole | None) -> bool:
    is_own = redemption.learner_id == request.user.pk
    if is_own or role == AccountRole.MANAGER:
        return True
    return host.may_manage(get_user(request), redemption.item.item_key)


def _describe_tokens(redemption: Redemption, *, with_balance: bool) -> dict[str, Any]:
    """The ledger's part of this payment; the balance is for members only."""
    if redemption.wallet is None:
        return {}
    entries = redemption.entries.select_related("issue").order_by("id")
    balance = (
        wallet_queries.get_balance(redemption.wallet, timezone.now()) if with_balance else None
    )
    return {"entries": entries, "balance": balance}


def _find_host_item(item_key: str) -> HostItem | None:
    """The course; None when the host doesn't have it any more: what was paid stays to be seen."""
    try:
        return host.get_item(item_key)
    except ItemNotFound:
        return None


def _find_template(slug: str) -> str:
    """The method's part of the page; empty for a method that is no longer registered."""
    try:
        return checkout_queries.get_method(slug).receipt_template
    except NotOffered:
        return ""
