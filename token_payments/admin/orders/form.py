"""The common part of the forms of both kinds of order: buyer, address, last day."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from token_payments import conf
from token_payments.admin.fields import (
    ADDRESS,
    DayField,
    SuggestInput,
    TaxRateField,
    check_ahead,
    trim_decimal,
)
from token_payments.admin.suggestions import PersonField
from token_payments.db.numbers import read_number
from token_payments.l10n.dates import last_day
from token_payments.models import Account, OrderKind, TokenOrder
from token_payments.presenters.once import OnceForm

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


class OrderForm(OnceForm, forms.ModelForm):
    """Buyer by user name or e-mail, the last day as a day. The order gets the form's ``kind``.

    Without JavaScript the buyer is typed. Texts that must be unique are NULL when left empty.
    The key of a form for a new order becomes its uuid: saving it twice requests one order. Codes
    are derived from it, so that nobody may choose it.
    """

    kind: ClassVar[OrderKind]
    max_quantity: ClassVar[int]

    buyer = PersonField(
        label=_("Buyer"),
        widget=SuggestInput("tokenorder_people"),
        help_text=_(
            "User name or e-mail address of the person who buys these tokens, and is told by "
            "e-mail when they are ready."
        ),
    )
    tax_rate = TaxRateField()
    redeem_by = DayField(label=_("Redeem by"), required=False, may_be_over=True)

    class Meta:
        model = TokenOrder
        fields: tuple[str, ...] = (
            "buyer",
            "quantity",
            "tax_rate",
            "invoice_number",
            "purchase_order",
            *ADDRESS,
            "redeem_by",
        )
        widgets: ClassVar[dict[str, Any]] = {
            "billing_street": forms.Textarea(attrs={"rows": 3, "cols": 40})
        }
        error_messages: ClassVar[dict[str, Any]] = {
            "invoice_number": {"unique": _("Another token order has this invoice number.")},
            "purchase_order": {
                "unique": _("Another token order has this customer purchase order.")
            },
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "quantity" in self.fields:  # or else the order is only looked at
            self.set_up()

    def set_up(self) -> None:
        """Prepare the fields and their first values."""
        order = self.instance
        if order.pk:
            del self.fields["idempotency_key"]
            self.initial["buyer"] = order.buyer.get_username()
            self.initial["tax_rate"] = trim_decimal(order.tax_rate)
        else:
            order.kind = self.kind
            self.initial["tax_rate"] = trim_decimal(conf.tax_rate())
        if order.redeem_by:
            self.initial["redeem_by"] = last_day(order.redeem_by)
        quantity = self.fields["quantity"].widget
        quantity.attrs.update({"min": 1, "max": self.max_quantity, "inputmode": "numeric"})

    def set_up_account(self) -> None:
        """The account by its name; a link to the form may name one by its number."""
        account = self.instance.account or _find_account(self.initial.get("account"))
        self.initial["account"] = account.name if account else ""

    def clean_tax_rate(self) -> Decimal | None:
        """A new order that is left without one has none, whatever the site's rate is."""
        rate: Decimal | None = self.cleaned_data["tax_rate"]
        has_default = not self.instance.pk and conf.tax_rate() is not None
        return Decimal(0) if rate is None and has_default else rate

    def clean_redeem_by(self) -> datetime | None:
        """Another day must lie ahead; the one that the order has may be over by now."""
        end: datetime | None = self.cleaned_data["redeem_by"]
        if end is not None and "redeem_by" in self.changed_data:
            check_ahead(end)
        return end

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned["idempotency_key"] and not self.instance.pk:
            self.instance.uuid = UUID(hex=cleaned["idempotency_key"])
        return cleaned

    def miss_key(self) -> None:
        """The uuid that the new order has got is as good."""


def _find_account(number: object) -> Account | None:
    account_id = read_number(str(number or ""))
    return Account.objects.filter(pk=account_id).first() if account_id else None


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
