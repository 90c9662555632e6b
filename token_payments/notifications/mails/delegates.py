"""The mail to a person who was named a delegate of an order."""

from __future__ import annotations

from datetime import datetime

from token_payments.assignments.models import OrderDelegate
from token_payments.hosts import host, list_name_relations
from token_payments.l10n.dates import last_day
from token_payments.notifications.mails import base


@base.in_site_language
def send_delegate_mail(delegate_id: int, *, now: datetime) -> None:
    """Tell somebody, once, that they see and distribute an order; not if that was undone.

    Who was a helper before isn't told again on the same day, however often that is undone and done.
    Raises what the transport raises while the mail may be tried again.
    """
    order = ("order__item", "order__account", "order__token_type")
    people = [
        name
        for relation in ("order__buyer", "user", "added_by")
        for name in list_name_relations(relation)
    ]
    delegates = OrderDelegate.objects.select_related(*order, *people)
    delegate = delegates.filter(pk=delegate_id).first()
    if delegate is None:
        return
    named_by = delegate.added_by or delegate.order.buyer
    context = base.describe_order(delegate.order, delegate.user) | {
        "named_by": base.tidy(host.get_full_name(named_by))
    }
    mail = base.write_mail("delegate", context)
    day = f"{last_day(delegate.created_at):%Y%m%d}"
    key = f"delegate:{delegate.order_id}:{delegate.user_id}:{day}"
    base.send_notice(base.NoticeMail(key, delegate.user.email, mail), now=now)
