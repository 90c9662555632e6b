"""Payments that enrolled somebody: the learner is told, and finds the receipt and the course."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from token_payments import conf
from token_payments.checkout.models import Redemption, RedemptionState
from token_payments.errors import ItemNotFound
from token_payments.hosts import host, list_name_relations
from token_payments.notifications.mails import base


@base.in_site_language
def send_redemption_mail(redemption_id: int, *, now: datetime) -> None:
    """Tell the learner, once, of a payment that counts, where the site wants that.

    Raises what the transport raises while the mail may be tried again.
    """
    relations = ("item", "code", "wallet__account", "wallet__token_type")
    people = (*list_name_relations("learner"), *list_name_relations("actor"))
    redemption = Redemption.objects.select_related(*relations, *people).get(pk=redemption_id)
    if redemption.state == RedemptionState.COMPLETED and conf.learners_get_receipts():
        mail = base.write_mail("redeemed", _describe(redemption))
        notice = base.NoticeMail(f"redemption:{redemption.pk}", redemption.learner.email, mail)
        base.send_notice(notice, now=now)


def _describe(redemption: Redemption) -> dict[str, Any]:
    is_own = redemption.actor_id == redemption.learner_id
    wallet = redemption.wallet
    try:
        course_url = base.absolute(host.get_item(redemption.item.item_key).home_url)
    except ItemNotFound:
        course_url = ""
    return {
        "redemption": redemption,
        "name": base.tidy(host.get_full_name(redemption.learner)),
        "course": base.tidy(redemption.item.title or redemption.item.item_key),
        "by": "" if is_own else base.tidy(host.get_full_name(redemption.actor)),
        "last_four": redemption.code.last_four if redemption.code else "",
        "tokens": redemption.tokens,
        "token_type": base.tidy(wallet.token_type) if wallet else "",
        "account": base.tidy(wallet.account) if wallet else "",
        "paid_at": redemption.completed_at or redemption.created_at,
        "receipt_url": base.absolute("receipt", redemption_uuid=redemption.uuid),
        "course_url": course_url,
    }
