"""Token issues, each raised once under its reference, and never changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils.translation import gettext

from token_payments import errors, models
from token_payments.imports.lookups import AccountLookUp, Types
from token_payments.imports.planning import Planner
from token_payments.imports.verdicts import Change, ImportRow, Outcome, Plan, RowRefused, refuse_row
from token_payments.l10n.dates import last_day
from token_payments.l10n.formats import count_decimals
from token_payments.wallets import operations as wallet_operations


class IssuePlanner(Planner):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.accounts, self.types = AccountLookUp(), Types()
        self.by_key: dict[str, models.TokenIssue] = {}
        self.by_hand: dict[tuple[int, str], models.TokenIssue] = {}
        self.first_expiry: dict[int, datetime | None] = {}
        self.is_allowed = bool(models.TokenSettings.current().manual_issues_allowed)

    def look_up(self, rows: Sequence[Mapping[str, Any]]) -> None:
        texts = [row["account"] for row in rows]
        self.accounts.look_up(texts, texts)
        self.types.look_up()
        references = {row["reference"] for row in rows}
        found = models.TokenIssue.objects.select_related("wallet__account", "wallet__token_type")
        keyed = found.filter(idempotency_key__in=[make_key(each) for each in references])
        self.by_key = {issue.idempotency_key: issue for issue in keyed}
        accounts = {*self.accounts.by_reference.values(), *self.accounts.by_name.values()}
        raised = found.filter(
            wallet__account__in={each.pk for each in accounts},
            source=models.IssueSource.MANUAL,
            reference__in=references,
        )
        self.by_hand = {(each.wallet.account_id, each.reference): each for each in raised}
        self._look_up_extensions([*self.by_key.values(), *self.by_hand.values()])

    def name(self, values: Mapping[str, Any]) -> str:
        return str(values.get("reference", ""))

    def plan(self, row: ImportRow) -> Plan:
        values = row.values
        self.claim("reference", values["reference"], row)
        account = self.accounts.find(values["account"])
        token_type = self.types.find(values["token_type"])
        _check_money(values)
        earlier = self.by_key.get(make_key(values["reference"]))
        earlier = earlier or self.by_hand.get((account.pk, values["reference"]))
        if earlier is not None:
            self._check_same(earlier, account, token_type, values)
            return Plan(row.line, self.name(values), Outcome.UNCHANGED)
        self._check_issuable(account, token_type, values)
        changes = [Change(name, "", write(name, values[name])) for name in values]
        work = partial(self._raise, account, token_type, values)
        return self.decide(row, changes, work, is_new=True)

    def _look_up_extensions(self, issues: Sequence[models.TokenIssue]) -> None:
        """When each issue expired before it was extended: what its file says."""
        entries = models.LedgerEntry.objects.filter(
            issue__in={issue.pk for issue in issues}, kind=models.EntryKind.EXTENSION
        )
        self.first_expiry = {}
        for issue_id, expiry in entries.order_by("pk").values_list("issue_id", "expires_from"):
            self.first_expiry.setdefault(issue_id, expiry)

    def _check_same(
        self,
        issue: models.TokenIssue,
        account: models.Account,
        token_type: models.TokenType,
        values: Mapping[str, Any],
    ) -> None:
        """Raises RowRefused at the first column that says something else; empty says nothing."""
        wallet = issue.wallet
        expiries = (issue.expires_at, self.first_expiry.get(issue.pk, issue.expires_at))
        checks = {
            "account": (wallet.account_id == account.pk, wallet.account),
            "token_type": (wallet.token_type_id == token_type.pk, wallet.token_type),
            "quantity": (issue.quantity == values["quantity"], issue.quantity),
            "expires": (values.get("expires") in (None, *expiries), expiries[1]),
            "unit_price": (values.get("unit_price") in (None, issue.unit_price), issue.unit_price),
            "currency": (values.get("currency") in (None, issue.currency), issue.currency),
        }
        for column, (is_same, value) in checks.items():
            if not is_same:
                text = gettext(
                    "This reference was issued already, with %(value)s here (issue #%(number)s). "
                    "Issues aren't changed by loading: write another reference, or correct the "
                    "issue itself."
                )
                shown = write(column, value) if value not in (None, "") else gettext("nothing")
                raise RowRefused(column, text % {"value": shown, "number": issue.pk})

    def _check_issuable(
        self, account: models.Account, token_type: models.TokenType, values: Mapping[str, Any]
    ) -> None:
        refused: tuple[str, errors.TokenPaymentsError] | None = None
        if not self.is_allowed:
            refused = "", errors.ManualIssuesNotAllowed()
        elif account.is_frozen:
            refused = "account", errors.AccountFrozen(str(account))
        elif token_type.is_archived:
            refused = "token_type", errors.TypeArchived(str(token_type))
        elif "expires" in values and values["expires"] <= self.by.now:
            refused = "expires", errors.ExpiryNotLater(str(values["expires"]))
        if refused is not None:
            raise refuse_row(*refused)

    def _raise(
        self, account: models.Account, token_type: models.TokenType, values: Mapping[str, Any]
    ) -> bool:
        issue = wallet_operations.raise_issue(
            account=account,
            token_type=token_type,
            quantity=values["quantity"],
            expires_at=values.get("expires"),
            unit_price=values.get("unit_price"),
            currency=values.get("currency", ""),
            reference=values["reference"],
            reason=values.get("reason") or self.by.reason,
            actor=self.by.actor,
            idempotency_key=make_key(values["reference"]),
            now=self.by.now,
        )
        return issue.issued_at == self.by.now  # or somebody who loads the same file was faster


def make_key(reference: str) -> str:
    """The idempotency key of what is issued under a reference."""
    return f"load:{hashlib.sha256(reference.encode()).hexdigest()[:56]}"


def write(column: str, value: Any) -> str:
    if column == "expires":
        return last_day(value).isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _check_money(values: Mapping[str, Any]) -> None:
    """Price and currency go together. Raises RowRefused."""
    if ("unit_price" in values) != ("currency" in values):
        column = "currency" if "unit_price" in values else "unit_price"
        raise RowRefused(column, gettext("Price and currency go together."))
    if "unit_price" in values:
        check_decimals("unit_price", values["unit_price"], values["currency"])


def check_decimals(column: str, amount: Decimal, currency: str) -> None:
    """It can be paid in the currency: no tenths of a penny. Raises RowRefused."""
    decimals = count_decimals(currency)
    if amount != amount.quantize(Decimal(1).scaleb(-decimals)):
        text = gettext("Amounts in %(currency)s have fewer decimals: at most %(count)s.")
        raise RowRefused(column, text % {"currency": currency, "count": decimals})
