"""Which of an order's codes a page shows: the filter and the place that its address names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from token_payments.checkout import queries as checkout_queries
from token_payments.db.numbers import read_number
from token_payments.errors import CodeMistyped, ConfigurationError
from token_payments.models import CodeStatus, TokenCode, TokenOrder
from token_payments.orders import queries as order_queries

#: What the list can be narrowed to: a state, or those that were given to somebody, used or not.
STATUSES: tuple[tuple[str, Any], ...] = (*CodeStatus.choices, ("assigned", _("Assigned")))


@dataclass(frozen=True)
class CodeChoice:
    """Which of the order's codes an address means."""

    status: str
    text: str
    after: int | None = None
    before: int | None = None

    @property
    def filter_query(self) -> str:
        """The filter as it stands in an address."""
        values = {"status": self.status, "q": self.text}
        return urlencode({name: value for name, value in values.items() if value})

    def get_page(self, order: TokenOrder, size: int) -> checkout_queries.CodePage:
        codes = checkout_queries.filter_codes(order, status=self.status, text=self.text)
        return checkout_queries.get_code_page(
            codes, after=self.after, before=self.before, size=size
        )


def read_choice(query: Mapping[str, str]) -> CodeChoice:
    """The filter that an address or a search says; parts that make no sense are left out."""
    status = query.get("status", "")
    return CodeChoice(
        status=status if status in dict(STATUSES) else "",
        text=query.get("q", "").strip(),
        after=read_number(query.get("after", "")),
        before=read_number(query.get("before", "")),
    )


def read_search(order: TokenOrder, sent: Mapping[str, str]) -> tuple[CodeChoice, bool]:
    """The choice that an address may hold, and whether the order has what was searched for.

    Codes and people become serial numbers.
    """
    asked = read_choice(sent)
    text = asked.text.replace("\0", "")
    found = checkout_queries.read_search(order, text, status=asked.status)
    return CodeChoice(asked.status, found or ""), found is not None


def find_code(text: str) -> TokenCode | None:
    """The code that was typed; None for everything that isn't a whole, existing code.

    Also while the settings have no usable key: nothing can be looked for by its code then.
    """
    try:
        return order_queries.find_code(text)
    except (CodeMistyped, ConfigurationError):
        return None
