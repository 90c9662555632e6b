"""The four kinds of file and their columns, for reading, templates and documentation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.translation import gettext_lazy as _

from token_payments.imports import cells
from token_payments.imports.accounts import AccountPlanner, MemberPlanner
from token_payments.imports.issues import IssuePlanner
from token_payments.imports.planning import Planner
from token_payments.imports.prices import PricePlanner
from token_payments.models import MAX_ISSUE, AccountRole


class Cell(Protocol):
    """Reads a text that isn't empty. Raises CellRefused."""

    def read(self, text: str, /) -> Any: ...


@dataclass(frozen=True)
class Column:
    """A column by its heading ``name``; ``example`` is the template's cell."""

    name: str
    label: Any  # translated lazily, as ``help``
    cell: Cell
    example: str
    help: Any
    is_required: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of file; ``planner`` finds the verdicts of its rows."""

    name: str
    title: Any
    columns: Sequence[Column]
    planner: type[Planner]


ACCOUNT_HELP = _("Customer number or name of the account.")

ACCOUNTS = Kind(
    "accounts",
    _("Accounts"),
    (
        Column(
            "name",
            _("Name"),
            cells.TextCell(255),
            "Northgate Homes",
            _("Name of the organisation."),
            True,
        ),
        Column(
            "reference",
            _("Customer number"),
            cells.TextCell(64),
            "C-1042",
            _(
                "Customer number, from your other systems. By it the account is found again, else "
                "by name."
            ),
        ),
        Column(
            "billing_name",
            _("Billed to"),
            cells.TextCell(255),
            "Northgate Homes Ltd",
            _("Name on the invoice."),
        ),
        Column(
            "billing_street",
            _("Street"),
            cells.LinesCell(500),
            "1 High Street",
            _("Street; may have several lines."),
        ),
        Column("billing_postcode", _("Postcode"), cells.TextCell(32), "SW1A 1AA", ""),
        Column("billing_city", _("Town or city"), cells.TextCell(128), "London", ""),
        Column("billing_region", _("County or state"), cells.TextCell(128), "", ""),
        Column(
            "billing_country",
            _("Country"),
            cells.Country(),
            "GB",
            _("Country: two letters (ISO 3166), or its name."),
        ),
    ),
    AccountPlanner,
)
MEMBERS = Kind(
    "members",
    _("Members"),
    (
        Column("account", _("Account"), cells.TextCell(255), "C-1042", ACCOUNT_HELP, True),
        Column(
            "user",
            _("Person"),
            cells.TextCell(254),
            "ann@example.com",
            _("Person: user name or e-mail address of an active user."),
            True,
        ),
        Column(
            "role",
            _("Role"),
            cells.ChoiceCell(AccountRole),
            "member",
            _("Role: member or manager. Empty: the role that is there, else member."),
        ),
    ),
    MemberPlanner,
)
ISSUES = Kind(
    "issues",
    _("Token issues"),
    (
        Column(
            "reference",
            _("Reference"),
            cells.TextCell(128),
            "INV-2030-0815",
            _("Your number of this issue, e.g. the invoice's. Under it tokens are issued once."),
            True,
        ),
        Column("account", _("Account"), cells.TextCell(255), "C-1042", ACCOUNT_HELP, True),
        Column(
            "token_type",
            _("Token type"),
            cells.TextCell(64),
            "Gold",
            _("Name of the token type."),
            True,
        ),
        Column("quantity", _("Tokens"), cells.Whole(MAX_ISSUE), "50", _("How many tokens."), True),
        Column(
            "expires",
            _("Expires"),
            cells.Day(),
            "2030-12-31",
            _(
                "Last day on which the tokens can be spent. Empty: the redemption period of the "
                "type."
            ),
        ),
        Column(
            "unit_price",
            _("Price per token"),
            cells.Money(),
            "45.00",
            _("Price per token. Needs a currency."),
        ),
        Column(
            "currency",
            _("Currency"),
            cells.Currency(),
            "GBP",
            _("Currency of the price: three letters (ISO 4217)."),
        ),
        Column(
            "reason",
            _("Reason"),
            cells.TextCell(255),
            "Spring contract",
            _("Reason, shown in the statement. Empty: the reason of the load."),
        ),
    ),
    IssuePlanner,
)
PRICES = Kind(
    "prices",
    _("Prices"),
    (
        Column(
            "course",
            _("Course"),
            cells.TextCell(255),
            "course-v1:Acme+FIRE+2030",
            _("Key of a course that is in the catalogue."),
            True,
        ),
        Column(
            "token_type",
            _("Token type"),
            cells.TextCell(64),
            "Gold",
            _("Token type in which the seat is priced: a row for each type."),
        ),
        Column(
            "tokens",
            _("Tokens"),
            cells.Whole(10_000_000),
            "3",
            _("Tokens of this type, for one seat."),
        ),
        Column("price", _("Price"), cells.Money(), "149.00", _("Price in money, for one seat.")),
        Column(
            "currency",
            _("Currency"),
            cells.Currency(),
            "GBP",
            _("Currency of the price: three letters (ISO 4217)."),
        ),
    ),
    PricePlanner,
)
KINDS = {kind.name: kind for kind in (ACCOUNTS, MEMBERS, ISSUES, PRICES)}
