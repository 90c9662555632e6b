"""Prices in tokens: one number for each token type, in one field of the item's form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext

from token_payments.catalogue import queries as catalogue_queries
from token_payments.db.numbers import read_number
from token_payments.l10n.formats import format_number
from token_payments.models import CatalogueItem, TokenType

MAX_PRICE = 10_000_000


def list_types(item: CatalogueItem) -> list[TokenType]:
    """The types that the item may be priced in: those in use, and those that it has a price in."""
    wanted = Q(is_archived=False)
    if item.pk:
        wanted |= Q(prices__item=item)
    return list(TokenType.objects.filter(wanted).distinct().order_by("name"))


def read_prices(item: CatalogueItem) -> dict[TokenType, int]:
    """The prices that the item has now."""
    if not item.pk:
        return {}
    return {price.token_type: price.quantity for price in catalogue_queries.list_token_prices(item)}


def write_prices(prices: Mapping[TokenType, int]) -> str:
    """E.g. 7 Gold or 20 Silver; a dash without any."""
    texts = [f"{format_number(quantity)} {token_type}" for token_type, quantity in prices.items()]
    return gettext(" or ").join(texts) or "–"


class TokenPricesWidget(forms.Widget):
    """A number field for each of ``types``. Its value has the entered texts by the types' ids."""

    template_name = "admin/token_payments/catalogueitem/token_prices.html"
    use_fieldset = True
    types: Sequence[TokenType] = ()

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        entered = value or {}
        prefix = context["widget"]["attrs"].get("id") or f"id_{name}"
        context["rows"] = [
            {
                "id": f"{prefix}_{token_type.pk}",
                "name": f"{name}_{token_type.pk}",
                "type": token_type,
                "value": entered.get(token_type.pk, ""),
            }
            for token_type in self.types
        ]
        context["max_price"] = MAX_PRICE
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[int, str]:
        return {each.pk: data.get(f"{name}_{each.pk}", "") for each in self.types}

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return all(f"{name}_{each.pk}" not in data for each in self.types)

    def id_for_label(self, id_: str) -> str:
        return ""


class TokenPricesField(forms.Field):
    """Cleans to the number of tokens of each type that has a price."""

    widget = TokenPricesWidget
    types: Sequence[TokenType] = ()

    def offer(self, types: Sequence[TokenType]) -> None:
        """Ask for prices in these types."""
        self.types = types
        widget: Any = self.widget
        widget.types = types

    def clean(self, value: Mapping[int, str]) -> dict[TokenType, int]:
        prices, errors = {}, []
        for token_type in self.types:
            text = str(value.get(token_type.pk, "")).strip()
            if not text:
                continue
            number = read_number(text)
            if number is None or not 1 <= number <= MAX_PRICE:
                errors.append(
                    gettext("%(type)s: enter a whole number from 1 to %(most)s, or nothing.")
                    % {"type": token_type, "most": format_number(MAX_PRICE)}
                )
            else:
                prices[token_type] = number
        if errors:
            raise forms.ValidationError(errors)
        return prices

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = {pk: str(quantity) for pk, quantity in (initial or {}).items()}
        after = {pk: text.strip() for pk, text in (data or {}).items() if text.strip()}
        return before != after
