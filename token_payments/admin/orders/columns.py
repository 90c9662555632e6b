"""What the list and the read-only details of an order show."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments import conf
from token_payments.admin.formats import write_badge
from token_payments.dates import last_day
from token_payments.hosts import get_host
from token_payments.l10n import format_money, format_number
from token_payments.models import TokenOrder


class OrderColumns:
    """Columns of the list (``code_counts`` is put on each order by listing.OrderChangeList)."""

    @admin.display(description=_("order"), ordering="pk")
    def order_number(self, order: TokenOrder) -> str:
        return order.number

    @admin.display(description=_("course"), ordering="item__title")
    def course(self, order: TokenOrder) -> str:
        return order.subject

    @admin.display(description=_("buyer"), ordering="buyer__username")
    def buyer_name(self, order: TokenOrder) -> str:
        return get_host().get_full_name(order.buyer)

    @admin.display(description=_("tokens"), ordering="quantity")
    def tokens(self, order: TokenOrder) -> str:
        return format_number(order.quantity)

    @admin.display(description=_("redeemed"))
    def redeemed(self, order: Any) -> str:
        return format_number(order.code_counts.redeemed)

    @admin.display(description=_("available"))
    def available(self, order: Any) -> str:
        return format_number(order.code_counts.available)

    @admin.display(description=_("cancelled"))
    def cancelled(self, order: Any) -> str:
        return format_number(order.code_counts.cancelled)

    @admin.display(description=_("status"), ordering="status")
    def status_badge(self, order: TokenOrder) -> SafeString:
        return write_badge(order.status, order.get_status_display())

    @admin.display(description=_("total"))
    def total(self, order: TokenOrder) -> str:
        return format_money(order.total, order.currency)

    @admin.display(description=_("created"), ordering="created_at")
    def created(self, order: TokenOrder) -> str:
        return str(date_format(localtime(order.created_at), "DATE_FORMAT"))


class OrderDetails:
    """The fields of an order that can't be changed any more."""

    @admin.display(description=_("buyer"))
    def buyer_details(self, order: TokenOrder) -> str:
        buyer = order.buyer
        return f"{get_host().get_full_name(buyer)} ({buyer.get_username()}) · {buyer.email}"

    @admin.display(description=_("course"))
    def item_link(self, order: TokenOrder) -> SafeString:
        url = reverse("admin:token_payments_catalogueitem_change", args=[order.item_id])
        return format_html('<a href="{}">{}</a>', url, order.item)

    @admin.display(description=_("price per token"))
    def price(self, order: TokenOrder) -> str:
        return format_money(order.unit_price, order.currency)

    @admin.display(description=_("billing address"))
    def billing_address(self, order: TokenOrder) -> SafeString:
        town = " ".join(filter(None, [order.billing_city, order.billing_postcode]))
        lines = [order.billing_name, *order.billing_street.splitlines(), town]
        country: Any = order.billing_country
        lines += [order.billing_region, str(country.name)]
        return format_html_join("", "{}<br>", ((line,) for line in lines if line))

    @admin.display(description=_("group"))
    def group(self, order: TokenOrder) -> str:
        return order.group_name or gettext("No group")

    @admin.display(description=_("redeem by"))
    def redeem_by_day(self, order: TokenOrder) -> str:
        return write_redeem_by(order)


def write_redeem_by(order: TokenOrder) -> str:
    """The last day on which the codes can be redeemed, with its zone."""
    if order.redeem_by is None:
        return gettext("No limit")
    day = date_format(last_day(order.redeem_by), "DATE_FORMAT")
    return gettext("%(day)s, until midnight %(zone)s time") % {
        "day": day,
        "zone": conf.time_zone().key,
    }
