"""The forms to request an order."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments import errors, models
from token_payments.hosts.base import User
from token_payments.l10n.formats import format_exact_money, format_number
from token_payments.models import Account, TokenOrder
from token_payments.portal.tokens.forms import PageForm
from token_payments.presenters.once import KEY, OnceForm, make_key
from token_payments.presenters.refusals import Audience, describe_refusal, get_texts

#: By the field's name, what browsers know it as.
ADDRESS: Mapping[str, str] = {
    "billing_name": "billing organization",
    "billing_street": "billing street-address",
    "billing_postcode": "billing postal-code",
    "billing_city": "billing address-level2",
    "billing_region": "billing address-level1",
    "billing_country": "billing country",
}
REQUIRED: Mapping[str, Any] = {
    "billing_name": _("Enter the name that the invoice is made out to."),
    "billing_street": _("Enter the street of the billing address."),
    "billing_city": _("Enter the town or city of the billing address."),
    "billing_country": _("Select the country of the billing address."),
}


def make_address_fields() -> dict[str, forms.Field]:
    """The fields of an order's billing address, with the limits that the order has."""
    widgets: dict[str, type[forms.Widget] | forms.Widget] = {
        "billing_street": forms.Textarea(attrs={"rows": 2})
    }
    fields: dict[str, forms.Field]
    fields = forms.fields_for_model(TokenOrder, list(ADDRESS), widgets=widgets)
    for name, field in fields.items():
        field.widget.attrs.update({"class": "tp-input", "autocomplete": ADDRESS[name]})
        if name in REQUIRED:
            field.error_messages["required"] = REQUIRED[name]
        else:
            field.label = _("%(label)s (optional)") % {"label": field.label}
    return fields


def find_address(last: TokenOrder | None, accounts: Sequence[Account]) -> dict[str, Any]:
    """The address to fill in first: of the last order, else of an account that has one."""
    sources = [last, *accounts]
    known = next((source for source in sources if source and source.billing_name), None)
    return {name: getattr(known, name) for name in ADDRESS} if known else {}


#: At which field a refusal of the domain is told.
FIELDS: Mapping[type[errors.TokenPaymentsError], str] = {
    errors.NotOffered: "item",
    errors.ItemNotFound: "item",
    errors.AccountFrozen: "wallet_account",
    errors.TypeArchived: "token_type",
    errors.NumberTaken: "purchase_order",
}


class IdChoiceField(forms.ChoiceField):
    """One of some rows of the database, by its key; cleans to the row, or to None."""

    def offer(self, rows: Iterable[Any], *, empty: Any, label: Any = str) -> None:
        """Give the rows to choose from; ``empty`` is the first line, for none of them."""
        self.rows = {str(row.pk): row for row in rows}
        self.choices = [("", empty), *((key, label(row)) for key, row in self.rows.items())]

    def clean(self, value: Any) -> Any:
        return self.rows.get(super().clean(value))


class RequestForm(OnceForm, PageForm):
    """A request for codes of one of ``items``; managers also for wallet tokens.

    ``accounts`` are those that the visitor manages: no other one is taken, and without any there is
    nothing to choose. The key is the order's uuid, signed for this visitor: codes are derived from
    it, so nobody may choose it. What came without such a key gets a new one.
    """

    kind = forms.ChoiceField(choices=models.OrderKind.choices, initial=models.OrderKind.CODES)
    item = IdChoiceField(
        label=_("Course"),
        required=False,
        help_text=_("Select the course that these tokens will apply to."),
        error_messages={
            "invalid_choice": get_texts(errors.NotOffered, Audience.CUSTOMER, about="order").text
        },
    )
    code_account = IdChoiceField(
        label=_("For the account (optional)"),
        required=False,
        help_text=_("The account's other managers then look after the order as well."),
    )
    wallet_account = IdChoiceField(label=_("Account"), required=False)
    token_type = IdChoiceField(
        label=_("Type of tokens"),
        required=False,
        error_messages={"invalid_choice": get_texts(errors.TypeArchived, Audience.CUSTOMER).text},
    )
    quantity = forms.IntegerField(
        label=_("Number Of Tokens"),
        help_text=_("The number of tokens to be purchased for distribution."),
        error_messages={
            "required": _("Enter how many tokens you need."),
            "invalid": _("Enter the number of tokens in digits, such as 20."),
        },
        widget=forms.TextInput(attrs={"class": "tp-input tp-input--short", "inputmode": "numeric"}),
    )
    purchase_order = forms.CharField(
        label=_("Purchase order number (optional)"),
        required=False,
        max_length=64,
        help_text=_("Your own number for this purchase. It is printed on the invoice."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    note = forms.CharField(
        label=_("Note (optional)"),
        required=False,
        max_length=1000,
        help_text=_("What whoever processes the order should know."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self,
        *args: Any,
        user: User,
        items: Sequence[models.CatalogueItem],
        accounts: Sequence[models.Account],
        types: Sequence[models.TokenType],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.key_scope = user.pk
        self.has_own_key = bool(self.sent_key)
        if self.is_bound and not self.has_own_key:
            self.renew_key()
        self.has_kinds = bool(accounts and types)
        self.fields |= make_address_fields()
        self.order_fields([*list(self.base_fields)[:7], *ADDRESS])  # as the page has them
        self._field("item").offer(items, empty=_("Select the course…"), label=_write_item)
        if accounts:
            self._field("code_account").offer(accounts, empty=_("No account: only for me"))
        else:
            del self.fields["code_account"]
        if self.has_kinds:
            self._field("wallet_account").offer(accounts, empty=_("Select the account…"))
            self._field("token_type").offer(types, empty=_("Select the tokens…"), label=_write_type)
        else:
            del self.fields["wallet_account"], self.fields["token_type"]
            self._field("kind").choices = models.OrderKind.choices[:1]
        self.initial[KEY] = make_key(self.key_scope)

    def _field(self, name: str) -> Any:
        return self.fields[name]

    @property
    def can_order(self) -> bool:
        """Whether there is anything to choose."""
        return self.has_kinds or bool(self._field("item").rows)

    @property
    def chosen_kind(self) -> str:
        """The kind that the page shows the fields of."""
        if not self.has_kinds:
            return models.OrderKind.CODES
        first = models.OrderKind.CODES if self._field("item").rows else models.OrderKind.WALLET
        kind = self["kind"].value()
        return str(kind) if kind in models.OrderKind.values else first

    @property
    def address_fields(self) -> list[Any]:
        return [self[name] for name in ADDRESS]

    @property
    def order_uuid(self) -> uuid.UUID:
        """The key of the request that was sent."""
        return uuid.UUID(hex=self.sent_key)

    def clean_quantity(self) -> int:
        quantity: int = self.cleaned_data["quantity"]
        is_for_wallet = self.cleaned_data.get("kind") == models.OrderKind.WALLET
        limit = models.MAX_ISSUE if is_for_wallet else models.MAX_QUANTITY
        if not 1 <= quantity <= limit:
            text = _("Enter a number from 1 to %(limit)s.")
            raise forms.ValidationError(text % {"limit": format_number(limit)})
        return quantity

    def clean(self) -> dict[str, Any]:
        """The required choices depend on the kind."""
        data = super().clean()
        if data.get("kind") == models.OrderKind.WALLET:
            self._require("wallet_account", _("Select the account that the tokens are for."))
            self._require("token_type", _("Select the tokens that you want to order."))
        else:
            self._require("item", _("Choose a course from the list."))
        return data

    def _require(self, name: str, text: Any) -> None:
        if self.cleaned_data.get(name) is None and not self.has_error(name):
            self.add_error(name, text)

    def list_errors(self) -> list[tuple[str, str]]:
        """In the order of the page."""
        places = ["", *(self[name].id_for_label for name in self.fields)]
        return sorted(super().list_errors(), key=lambda error: places.index(error[0]))

    def add_refusal(self, error: errors.TokenPaymentsError) -> None:
        """Tell why the domain refused the request."""
        told = describe_refusal(error, audience=Audience.CUSTOMER, about="order")
        self.add_error(FIELDS[type(error)], told.text)

    def make_order(self) -> models.TokenOrder:
        """The order that was described, unsaved, without a price."""
        data = self.cleaned_data
        order = models.TokenOrder(
            kind=data["kind"],
            buyer=self.user,
            quantity=data["quantity"],
            purchase_order=data["purchase_order"] or None,
            note=data["note"],
            uuid=self.order_uuid,
            **{name: data[name] for name in ADDRESS},
        )
        if order.is_for_wallet:
            order.account, order.token_type = data["wallet_account"], data["token_type"]
        else:
            order.item, order.account = data["item"], data.get("code_account")
        return order

    def list_hidden(self) -> list[tuple[str, str]]:
        """The entered values, for hidden fields."""
        return [(name, str(self.data.get(name, ""))) for name in self.fields]


def _write_item(item: models.CatalogueItem) -> str:
    return f"{item.title} – {item.item_key}" if item.title else item.item_key


def _write_type(token_type: models.TokenType) -> str:
    if token_type.unit_price is None:
        return token_type.name
    facts = {
        "type": token_type.name,
        "price": format_exact_money(token_type.unit_price, token_type.currency),
    }
    return gettext("%(type)s – %(price)s each") % facts
