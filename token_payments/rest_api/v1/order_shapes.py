"""The shapes of orders, and of requests to order and to cancel."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from token_payments.models import MAX_ISSUE, MAX_QUANTITY, OrderKind, OrderStatus, TokenOrder
from token_payments.orders import queries as order_queries
from token_payments.rest_api.v1.accounts import BillingSerializer
from token_payments.rest_api.v1.base import Input
from token_payments.rest_api.v1.fields import (
    CountryField,
    CurrencyField,
    IdField,
    InstantField,
    MoneyField,
)


class MoneySerializer(serializers.Serializer):
    """What an order costs; all of it null while it has no price."""

    unit_price = MoneyField(allow_null=True)
    currency = serializers.CharField()
    tax_rate = serializers.DecimalField(
        max_digits=5, decimal_places=2, allow_null=True, help_text="In percent, on top."
    )
    net = MoneyField(source="net_total", allow_null=True)
    tax = MoneyField()
    total = MoneyField(allow_null=True)


class CountsSerializer(serializers.Serializer):
    available = serializers.IntegerField()
    redeemed = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    expired = serializers.IntegerField()
    transferred = serializers.IntegerField()


class OrderSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="order.pk")
    number = serializers.CharField(source="order.number")
    kind = serializers.ChoiceField(choices=OrderKind.choices, source="order.kind")
    status = serializers.ChoiceField(choices=OrderStatus.choices, source="order.status")
    buyer = serializers.CharField(source="order.buyer.username")
    item_key = serializers.CharField(source="order.item.item_key", default=None, allow_null=True)
    account = serializers.IntegerField(source="order.account_id", allow_null=True)
    token_type = serializers.IntegerField(source="order.token_type_id", allow_null=True)
    issue = serializers.IntegerField(source="order.issue_id", allow_null=True)
    quantity = serializers.IntegerField(source="order.quantity")
    counts = CountsSerializer()
    money = MoneySerializer(allow_null=True, help_text="Null for helpers.")
    billing = BillingSerializer(allow_null=True, help_text="Null for helpers.")
    purchase_order = serializers.CharField(source="order.purchase_order", allow_null=True)
    invoice_number = serializers.CharField(source="order.invoice_number", allow_null=True)
    group_name = serializers.CharField(source="order.group_name")
    note = serializers.CharField(source="order.note")
    decline_reason = serializers.CharField(source="order.decline_reason")
    redeem_by = InstantField(source="order.redeem_by", allow_null=True)
    created_at = InstantField(source="order.created_at")


def make_serials_field() -> serializers.CharField:
    return serializers.CharField(
        max_length=order_queries.MAX_SERIALS,
        allow_blank=True,
        required=False,
        default="",
        help_text="These codes, by number, e.g. `3, 7-9`; left out: the last.",
    )


def check_serials(attrs: dict[str, Any], order: TokenOrder) -> dict[str, Any]:
    """With ``serials`` as order_queries.Serials.

    Raises ValidationError for another number of codes, and for any of wallet tokens.
    """
    try:
        chosen = order_queries.Serials.read(attrs["serials"])
    except ValueError as error:
        text = _("These aren't numbers, or too many.")
        raise serializers.ValidationError({"serials": [text]}) from error
    if chosen and order.is_for_wallet:
        raise serializers.ValidationError({"serials": [_("Not for this kind of order.")]})
    if chosen and chosen.count() != attrs["quantity"]:
        raise serializers.ValidationError({"quantity": [_("Not as many as are chosen.")]})
    return {**attrs, "serials": chosen}


class OrderBillingInput(Input):
    name = serializers.CharField(max_length=255)
    street = serializers.CharField(max_length=500)
    postcode = serializers.CharField(max_length=32, allow_blank=True, required=False)
    city = serializers.CharField(max_length=128)
    region = serializers.CharField(max_length=128, allow_blank=True, required=False)
    country = CountryField()


class OrderInput(Input):
    """Codes for a course, or wallet tokens of a type for an account."""

    kind = serializers.ChoiceField(choices=OrderKind.choices)
    item_key = serializers.CharField(max_length=255, required=False)
    account = IdField(required=False)
    token_type = IdField(required=False)
    quantity = serializers.IntegerField(min_value=1, max_value=MAX_ISSUE)
    billing = OrderBillingInput()
    purchase_order = serializers.CharField(max_length=64, allow_null=True, required=False)
    note = serializers.CharField(max_length=1000, allow_blank=True, required=False)
    buyer = serializers.CharField(
        max_length=150, required=False, help_text="A user name; for those who may add orders."
    )
    invoice_number = serializers.CharField(
        max_length=64, allow_null=True, required=False, help_text="For those who may add orders."
    )
    group_name = serializers.CharField(
        max_length=255, allow_blank=True, required=False, help_text="For those who may add orders."
    )
    redeem_by = InstantField(
        allow_null=True, required=False, help_text="For those who may add orders."
    )
    unit_price = MoneyField(
        allow_null=True,
        required=False,
        help_text="For those who may add orders; left out: today's price.",
    )
    currency = CurrencyField(required=False, help_text="For those who may add orders.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        is_wallet = attrs["kind"] == OrderKind.WALLET
        needed = ("account", "token_type") if is_wallet else ("item_key",)
        unwanted = ("item_key",) if is_wallet else ("token_type",)
        problems = {
            name: [_("This kind of order needs it.")] for name in needed if name not in attrs
        }
        problems |= {name: [_("Not for this kind of order.")] for name in unwanted if name in attrs}
        if not is_wallet and attrs["quantity"] > MAX_QUANTITY:
            problems["quantity"] = [_("So many codes can't be ordered at once.")]
        if (attrs.get("unit_price") is None) != (not attrs.get("currency")):
            problems["currency"] = [_("Price and currency go together.")]
        if problems:
            raise serializers.ValidationError(problems)
        return attrs


class DeclineInput(Input):
    reason = serializers.CharField(max_length=255)


class CancelInput(Input):
    reason = serializers.CharField(max_length=255, allow_blank=True, required=False, default="")
    refund_amount = MoneyField(
        required=False, default=Decimal(0), help_text="What was paid back, in its currency."
    )


class CancelTokensInput(Input):
    quantity = serializers.IntegerField(min_value=1, max_value=MAX_ISSUE)
    serials = make_serials_field()
    reason = serializers.CharField(max_length=255, allow_blank=True, required=False, default="")
    refund_amount = MoneyField(
        required=False,
        help_text="For those who may change orders; for buyers it is what the tokens cost.",
    )


class CancellationSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    order = serializers.IntegerField(source="order_id")
    quantity = serializers.IntegerField()
    refund_amount = MoneyField()
    currency = serializers.CharField()
    reason = serializers.CharField()
    actor = serializers.CharField(source="actor.username")
    created_at = InstantField()
