"""Accounts, found again by customer number, else by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext

from token_payments.db.changes import compute_version
from token_payments.imports.cells import shorten
from token_payments.imports.lookups import AccountLookUp
from token_payments.imports.planning import Planner
from token_payments.imports.verdicts import Change, ImportRow, Plan, RowRefused
from token_payments.models import Account
from token_payments.wallets import operations as wallet_operations


class AccountPlanner(Planner):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.accounts = AccountLookUp()

    def look_up(self, rows: Sequence[Mapping[str, Any]]) -> None:
        references = [row["reference"] for row in rows if "reference" in row]
        self.accounts.look_up(references, [row["name"] for row in rows])

    def name(self, values: Mapping[str, Any]) -> str:
        return str(values.get("name") or values.get("reference") or "")

    def plan(self, row: ImportRow) -> Plan:
        values = row.values
        self.claim("name", values["name"].casefold(), row)
        if "reference" in values:
            self.claim("reference", values["reference"], row)
        account = self._find(values)
        if account is None:
            changes = [Change(name, "", write(value)) for name, value in values.items()]
            return self.decide(row, changes, partial(self._add, values), is_new=True)
        new = {name: value for name, value in values.items() if read(account, name) != value}
        changes = [Change(name, write(read(account, name)), write(new[name])) for name in new]
        version = compute_version(account)
        return self.decide(row, changes, partial(self._change, account.pk, new, version))

    def _find(self, values: Mapping[str, Any]) -> Account | None:
        """The account that is meant; None for a new one. Raises RowRefused."""
        reference = values.get("reference")
        numbered = self.accounts.by_reference.get(reference) if reference else None
        named = self.accounts.find_by_name(values["name"])
        if named is None or numbered is None or named.pk == numbered.pk:
            found = numbered or named
            if numbered or not (found and reference and found.reference):
                return found
            text = gettext("The account of this name has the customer number “%(number)s”.")
            raise RowRefused("reference", text % {"number": shorten(found.reference or "")})
        raise RowRefused("name", gettext("Another account has this name."))

    def _add(self, values: Mapping[str, Any]) -> bool:
        wallet_operations.add_account(Account(**values), actor=self.by.actor, reason=self.by.reason)
        return True

    def _change(self, account_id: int, changes: Mapping[str, Any], version: str) -> bool:
        by: dict[str, Any] = {"actor": self.by.actor, "reason": self.by.reason}
        wallet_operations.change_account(account_id, changes, version=version, **by)
        return True


def read(account: Account, name: str) -> str:
    """The account's value in a column, "" for nothing."""
    return str(getattr(account, name) or "")


def write(value: str) -> str:
    return value.replace("\n", ", ")
