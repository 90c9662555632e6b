"""Columns of the list of orders, and the read-only details of an order."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments import conf
from token_payments.admin.formats import write_badge
from token_payments.hosts import host, list_name_relations
from token_payments.l10n.dates import last_day
from token_payments.l10n.formats import format_money, format_number, format_rate
from token_payments.models import OrderStatus, TokenOrder, TokenOrderAction
from token_payments.wallets import queries as wallet_queries

NOTE_LENGTH = 40  # of a note, in the list


class OrderColumns:
    """Columns of the list; the admin puts ``counts`` and ``open_request`` on each order."""

    @admin.display(description=_("order"), ordering="pk")
    def order_number(self, order: TokenOrder) -> str:
        return order.number

    @admin.display(description=_("kind"), ordering="kind")
    def kind_name(self, order: TokenOrder) -> str:
        return str(order.get_kind_display())

    @admin.display(description=_("what for"), ordering="item__title")
    def subject(self, order: TokenOrder) -> str:
        """With the beginning of the buyer's note."""
        if not order.note:
            return order.subject
        note = gettext("Note: %(text)s") % {"text": Truncator(order.note).chars(NOTE_LENGTH)}
        return format_html('{} <span class="quiet">{}</span>', order.subject, note)

    @admin.display(description=_("buyer"), ordering="buyer__username")
    def buyer_name(self, order: TokenOrder) -> str:
        return host.get_full_name(order.buyer)

    @admin.display(description=_("tokens"), ordering="quantity")
    def tokens(self, order: TokenOrder) -> str:
        return format_number(order.quantity)

    @admin.display(description=_("used"))
    def redeemed(self, order: Any) -> str:
        return format_number(order.counts.redeemed)

    @admin.display(description=_("available"))
    def available(self, order: Any) -> str:
        counts = order.counts
        if not counts.expired:
            return format_number(counts.available)
        expired = gettext("%(count)s expired") % {"count": format_number(counts.expired)}
        return format_html(
            '{} <span class="quiet">{}</span>', format_number(counts.available), expired
        )

    @admin.display(description=_("cancelled"))
    def cancelled(self, order: Any) -> str:
        return format_number(order.counts.cancelled)

    @admin.display(description=_("status"), ordering="status")
    def status_badge(self, order: Any) -> SafeString:
        """Below it what the buyer waits for."""
        badge = write_status(order)
        if order.open_request is None:
            return badge
        asked = gettext("asks to cancel %(count)s")
        asked %= {"count": format_number(order.open_request.quantity)}
        return format_html('{} <span class="tp-asked">{}</span>', badge, asked)

    @admin.display(description=_("total"))
    def total(self, order: TokenOrder) -> str:
        return format_money(order.total, order.currency)

    @admin.display(description=_("created"), ordering="created_at")
    def created(self, order: TokenOrder) -> str:
        return str(date_format(localtime(order.created_at), "DATE_FORMAT"))


class OrderDetails:
    """Read-only details of an order; most of them once it can't be changed any more."""

    @admin.display(description=_("requested"))
    def requested(self, order: TokenOrder) -> str:
        """When, and by whom if that was somebody else than the buyer."""
        when = date_format(localtime(order.created_at, conf.time_zone()), "DATETIME_FORMAT")
        entries = order.log.filter(action=TokenOrderAction.REQUESTED)
        entry = entries.select_related(*list_name_relations("actor")).first()
        if entry is None or entry.actor is None:
            return str(when)
        name = host.get_full_name(entry.actor)
        return gettext("%(time)s by %(name)s") % {"time": when, "name": name}

    @admin.display(description=_("buyer's note"))
    def buyer_note(self, order: TokenOrder) -> SafeString | str:
        return linebreaksbr(order.note) if order.note else "–"

    @admin.display(description=_("amount"))
    def amounts(self, order: TokenOrder) -> str:
        """The total and how it comes about."""
        if order.net_total is None:
            return gettext("No price")
        total = format_money(order.total, order.currency)
        if not order.tax_rate:
            return gettext("%(total)s, no tax") % {"total": total}
        return gettext("%(net)s + %(tax)s tax (%(rate)s) = %(total)s") % {
            "net": format_money(order.net_total, order.currency),
            "tax": format_money(order.tax, order.currency),
            "rate": format_rate(order.tax_rate),
            "total": total,
        }

    @admin.display(description=_("buyer"))
    def buyer_details(self, order: TokenOrder) -> str:
        buyer = order.buyer
        return f"{host.get_full_name(buyer)} ({buyer.get_username()}) · {buyer.email}"

    @admin.display(description=_("course"))
    def item_link(self, order: TokenOrder) -> SafeString:
        return _link("catalogueitem", order.item_id, order.item)

    @admin.display(description=_("account"))
    def account_link(self, order: TokenOrder) -> SafeString | str:
        return _link("account", order.account_id, order.account) if order.account else "–"

    @admin.display(description=_("token type"))
    def type_link(self, order: TokenOrder) -> SafeString:
        return _link("tokentype", order.token_type_id, order.token_type)

    @admin.display(description=_("token issue"))
    def issue_link(self, order: TokenOrder) -> str:
        if order.issue is None:
            return gettext("None: the order was not processed")
        text = gettext("%(remaining)s of %(quantity)s left") % {
            "remaining": format_number(order.issue.remaining),
            "quantity": format_number(order.issue.quantity),
        }
        return _link("tokenissue", order.issue_id, text)

    @admin.display(description=_("price per token"))
    def price(self, order: TokenOrder) -> str:
        return format_money(order.unit_price, order.currency)

    @admin.display(description=_("billing address"))
    def billing_address(self, order: TokenOrder) -> SafeString:
        return format_html_join("", "{}<br>", ((line,) for line in order.billing_lines))

    @admin.display(description=_("group"))
    def group(self, order: TokenOrder) -> str:
        return order.group_name or gettext("No group")

    @admin.display(description=_("redeem by"))
    def redeem_by_day(self, order: TokenOrder) -> str:
        return write_last_day(order.redeem_by) if order.redeem_by else gettext("No limit")

    @admin.display(description=_("expiry day"))
    def expiry(self, order: TokenOrder) -> str:
        """That of the issue, which may have been extended; before there is one, what is planned."""
        if order.issue is None and order.redeem_by is None:
            return gettext("Decided by the token type when the tokens are issued")
        expires_at = order.issue.expires_at if order.issue else order.redeem_by
        return write_last_day(expires_at) if expires_at else gettext("Never")


def write_status(order: TokenOrder) -> SafeString:
    """The status as a badge; of a cancelled order whether it was declined."""
    is_declined = order.status == OrderStatus.CANCELLED and order.decline_reason
    label = gettext("Declined") if is_declined else order.get_status_display()
    return write_badge(order.status, str(label))


def compute_expiry(order: TokenOrder) -> datetime | None:
    """When the tokens of a wallet order will expire if they are issued now; None for never."""
    assert order.token_type is not None
    return order.redeem_by or wallet_queries.compute_default_expiry(
        order.token_type, timezone.now()
    )


def write_last_day(end: datetime) -> str:
    """The last day before ``end``, with the zone in which it is over."""
    return gettext("%(day)s, until midnight %(zone)s time") % {
        "day": date_format(last_day(end), "DATE_FORMAT"),
        "zone": conf.time_zone().key,
    }


def _link(model: str, pk: object, text: object) -> SafeString:
    url = reverse(f"admin:token_payments_{model}_change", args=[pk])
    return format_html('<a href="{}">{}</a>', url, text)
