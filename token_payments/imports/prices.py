"""Loading prices of a catalogue item's seat, in tokens of one type for each row, and in money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from token_payments.catalogue import operations as catalogue_operations
from token_payments.catalogue import queries as catalogue_queries
from token_payments.errors import InvalidItem
from token_payments.imports.cells import shorten
from token_payments.imports.issues import check_decimals
from token_payments.imports.lookups import Types
from token_payments.imports.planning import Planner
from token_payments.imports.verdicts import Change, ImportRow, Plan, RowRefused, refuse_row
from token_payments.models import CatalogueItem, TokenType

#: In which column something can be done about it that an item can't be saved.
COLUMNS = {
    "item_not_found": "course",
    "unknown_mode": "course",
    "no_paid_mode": "course",
    "no_token_price": "tokens",
    "type_archived": "token_type",
}


@dataclass
class Priced:
    """An item as it is once the rows so far are applied."""

    item: CatalogueItem
    methods: set[str]
    tokens: dict[TokenType, int]


class PricePlanner(Planner):
    """Asks the host for each item that changes, as saving it will."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.types = Types()
        self.items: dict[str, Priced] = {}

    def look_up(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.types.look_up()
        wanted = {row["course"] for row in rows} - set(self.items)
        items = CatalogueItem.objects.filter(item_key__in=wanted)
        for item in items.prefetch_related("payment_methods", "token_prices__token_type"):
            self.items[item.item_key] = Priced(
                item,
                {each.method for each in item.payment_methods.all()},
                {each.token_type: each.quantity for each in item.token_prices.all()},
            )

    def name(self, values: Mapping[str, Any]) -> str:
        return " · ".join(str(values[name]) for name in ("course", "token_type") if name in values)

    def plan(self, row: ImportRow) -> Plan:
        values = row.values
        priced = self.items.get(values["course"])
        if priced is None:
            text = gettext("“%(course)s” is not in the catalogue: add it there first.")
            raise RowRefused("course", text % {"course": shorten(values["course"])})
        token_type = self._read_type(row)
        money = self._read_money(priced.item, row)
        tokens = values.get("tokens")
        old = priced.tokens.get(token_type) if token_type else None
        changes = [
            Change(name, _write(getattr(priced.item, name)), _write(value))
            for name, value in money.items()
            if getattr(priced.item, name) != value
        ]
        if tokens != old:
            changes.insert(0, Change("tokens", _write(old), _write(tokens)))
        work = partial(self._save, priced.item.pk, token_type, tokens, money, changes)
        is_new = bool(changes) and not any(change.old for change in changes)
        plan = self.decide(row, changes, work, is_new=is_new)
        if changes:
            self._check(priced, token_type, tokens, money)
        return plan

    def _read_type(self, row: ImportRow) -> TokenType | None:
        """The type that the row has a price in, if any. Raises RowRefused."""
        values = row.values
        if ("token_type" in values) != ("tokens" in values):
            column = "tokens" if "token_type" in values else "token_type"
            raise RowRefused(column, gettext("Token type and number of tokens go together."))
        if "token_type" not in values:
            if "price" not in values:
                text = gettext("Write a price: token type and tokens, or an amount of money.")
                raise RowRefused("tokens", text)
            return None
        token_type = self.types.find(values["token_type"])
        self.claim("token_type", (values["course"], token_type.pk), row)
        return token_type

    def _read_money(self, item: CatalogueItem, row: ImportRow) -> dict[str, Any]:
        """The item's fields that the row has a price in money for. Raises RowRefused."""
        values = row.values
        if "price" not in values:
            if "currency" in values:
                raise RowRefused("price", gettext("Price and currency go together."))
            return {}
        self.claim("price", values["course"], row)
        currency = values.get("currency") or item.currency
        if not currency:
            raise RowRefused("currency", gettext("Enter the currency of the price, e.g. GBP."))
        check_decimals("price", values["price"], currency)
        return {"price": values["price"], "currency": currency}

    def _check(
        self,
        priced: Priced,
        token_type: TokenType | None,
        tokens: int | None,
        money: Mapping[str, Any],
    ) -> None:
        """Whether the item can be saved so; then it counts as it will be. Raises RowRefused."""
        item, prices = copy(priced.item), dict(priced.tokens)
        for name, value in money.items():
            setattr(item, name, value)
        if token_type is not None and tokens is not None:
            prices[token_type] = tokens
        try:
            catalogue_operations.check_item(item, methods=priced.methods, token_prices=prices)
        except InvalidItem as error:
            raise explain_item(error) from error
        priced.item, priced.tokens = item, prices

    def _save(
        self,
        item_id: int,
        token_type: TokenType | None,
        tokens: int | None,
        money: Mapping[str, Any],
        changes: Sequence[Change],
    ) -> bool:
        reason = ", ".join(
            f"{token_type if each.column == 'tokens' else each.column}: "
            f"{each.old or '–'} → {each.new}"
            for each in changes
        )
        with transaction.atomic():
            item = CatalogueItem.objects.select_for_update().get(pk=item_id)
            prices = {
                each.token_type: each.quantity for each in catalogue_queries.list_token_prices(item)
            }
            if token_type is not None and tokens is not None:
                prices[token_type] = tokens
            catalogue_operations.change_item(
                item_id,
                money,
                actor=self.by.actor,
                token_prices=prices,
                reason=f"{reason}. {self.by.reason}",
            )
        return True


def explain_item(error: InvalidItem) -> RowRefused:
    """Why the item can't be saved, at the column where something can be done about it."""
    reason = next(iter(error.problems.values()))
    return refuse_row(COLUMNS.get(reason, ""), error)


def _write(value: Any) -> str:
    if value in (None, ""):
        return ""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
