"""The form of an order of tokens for an account's wallet, until its processing begins."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments import conf
from token_payments.admin.fields import (
    ADDRESS,
    CurrencyFormField,
    SuggestInput,
    TokenTypeField,
    UnitPriceField,
    check_price,
)
from token_payments.admin.formats import round_money
from token_payments.admin.orders.form import OrderForm
from token_payments.admin.suggestions import AccountField
from token_payments.models import MAX_ISSUE, Account, OrderKind, TokenType

NEEDED = ("billing_name", "billing_street", "billing_city", "billing_country")


class PricedSelect(forms.Select):
    """Each type's option carries what one token costs, for the page's script."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        token_type = getattr(value, "instance", None)
        if token_type is not None and token_type.unit_price is not None:
            price = round_money(token_type.unit_price, token_type.currency)
            option["attrs"] |= {"data-price": str(price), "data-currency": token_type.currency}
        return option


class WalletOrderForm(OrderForm):
    """Takes accounts that aren't frozen and types that aren't archived, and what the order has.

    A billing address that is left empty is the account's. Price and currency go together.
    """

    kind = OrderKind.WALLET
    max_quantity = MAX_ISSUE

    account = AccountField(
        label=_("Account"),
        widget=SuggestInput("tokenorder_accounts"),
        help_text=_("Name or customer number of the account that gets the tokens."),
    )
    token_type = TokenTypeField(
        label=_("Token type"),
        queryset=TokenType.objects.none(),
        widget=PricedSelect,
        empty_label=_("Choose a token type"),
        help_text=_("Archived types are not offered."),
        error_messages={
            "invalid_choice": _("This token type is archived or gone: choose another one.")
        },
    )
    unit_price = UnitPriceField(
        label=_("Price per token"),
        help_text=_(
            "What one token costs the customer, without tax. Empty: the price of the token type, "
            "if it has one."
        ),
    )
    currency = CurrencyFormField(
        label=_("Currency"), help_text=_("Of the price: three letters, e.g. GBP.")
    )

    class Meta(OrderForm.Meta):
        fields = (
            *OrderForm.Meta.fields,
            "account",
            "token_type",
            "unit_price",
            "currency",
        )

    def set_up(self) -> None:
        super().set_up()
        order, fields = self.instance, self.fields
        self.set_up_account()
        types = TokenType.objects.filter(Q(is_archived=False) | Q(pk=order.token_type_id))
        fields["token_type"].queryset = types  # type: ignore[attr-defined]
        if order.pk:
            fields["unit_price"].help_text = gettext(
                "What one token costs the customer, without tax. Empty: the order has no price."
            )
        else:
            fields["unit_price"].widget.attrs["data-price-of"] = "id_token_type"
        for name in ADDRESS:
            fields[name].required = False
        if order.unit_price is not None:
            self.initial["unit_price"] = round_money(order.unit_price, order.currency)
        fields["redeem_by"].label = gettext("Expiry day")
        fields["redeem_by"].help_text = gettext(
            "The last day on which the tokens can be spent, until midnight %(zone)s time. "
            "Empty: the redemption period of the token type decides when they are issued."
        ) % {"zone": conf.time_zone().key}

    def clean_account(self) -> Account:
        account: Account = self.cleaned_data["account"]
        if account.is_frozen and account.pk != self.instance.account_id:
            text = gettext("This account is frozen: unfreeze it first, or choose another one.")
            raise forms.ValidationError(text)
        return account

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        check_price(self, cleaned)
        self._complete_address(cleaned)
        return cleaned

    def _complete_address(self, cleaned: dict[str, Any]) -> None:
        """Nothing entered: the account's address; something: it must be a whole one."""
        account: Account | None = cleaned.get("account")
        is_empty = not any(cleaned.get(name) for name in ADDRESS) and not any(
            self.has_error(name) for name in ADDRESS
        )
        if is_empty and account is None:
            return  # the account is asked for first
        text = gettext("This field is required.")
        if is_empty and account is not None:
            cleaned.update(_read_address(account))
            text = gettext("Required: the account has no complete billing address of its own.")
        for name in NEEDED:
            if not cleaned.get(name) and not self.has_error(name):
                self.add_error(name, text)


def _read_address(account: Account) -> dict[str, str]:
    address = {name: str(getattr(account, name) or "") for name in ADDRESS}
    return {**address, "billing_name": account.billing_name or account.name}
