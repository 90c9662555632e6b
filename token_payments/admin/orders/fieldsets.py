"""Which fields of an order stand where: in the two forms, and on the page of details."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from token_payments.admin.fields import ADDRESS
from token_payments.models import TokenOrder

NUMBERS = ("invoice_number", "purchase_order")
#: What the buyer wrote, and when somebody asked for the order: shown, never edited.
SHOWN = ("requested", "buyer_note")
CODE_DETAILS = (
    "requested",
    "buyer_details",
    "item_link",
    "account_link",
    "tokens",
    "price",
    "amounts",
    *NUMBERS,
    "billing_address",
    "group",
    "redeem_by_day",
    "buyer_note",
)
WALLET_DETAILS = (
    "requested",
    "buyer_details",
    "account_link",
    "type_link",
    "tokens",
    "price",
    "amounts",
    *NUMBERS,
    "billing_address",
    "expiry",
    "issue_link",
    "buyer_note",
)


def list_details(order: TokenOrder) -> tuple[str, ...]:
    """The read-only fields of an order that can't be changed any more."""
    return WALLET_DETAILS if order.is_for_wallet else CODE_DETAILS


def list_fieldsets(*, for_wallet: bool, is_new: bool) -> list[Any]:
    """The form of either kind of order."""
    if for_wallet:
        first = ["buyer", "account", "token_type", "quantity", "unit_price", "currency"]
        address = {
            "fields": ADDRESS,
            "description": _("Leave it all empty to take the account's billing address."),
        }
        last = (_("Expiry"), {"fields": ["redeem_by"]})
    else:
        first = ["buyer", "item", "quantity", "account"]
        address = {"fields": ADDRESS}
        last = (_("Redemption"), {"fields": ["group_name", "redeem_by"]})
    first += ["tax_rate", *NUMBERS]
    if is_new:
        first.append("idempotency_key")
    sections = [(None, {"fields": first}), (_("Billing address"), address), last]
    return sections if is_new else [(_("Request"), {"fields": SHOWN}), *sections]
