"""Accounts and their members from a file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext

from token_payments.db.changes import compute_version
from token_payments.errors import LastManager
from token_payments.hosts.base import User
from token_payments.imports.cells import shorten
from token_payments.imports.lookups import AccountLookUp, People
from token_payments.imports.planning import Planner
from token_payments.imports.verdicts import Change, ImportRow, Plan, RowRefused, refuse_row
from token_payments.models import Account, AccountMember, AccountRole
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


class MemberPlanner(Planner):
    """Goes through the file as it will be applied: the only manager may change on the way."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.accounts, self.people = AccountLookUp(), People()
        self.roles: dict[tuple[int, int], str] = {}
        self.managers: dict[int, set[int]] = {}

    def look_up(self, rows: Sequence[Mapping[str, Any]]) -> None:
        texts = [row["account"] for row in rows]
        self.accounts.look_up(texts, texts)
        self.people.look_up(row["user"] for row in rows)
        found = [*self.accounts.by_reference.values(), *self.accounts.by_name.values()]
        accounts = {account.pk for account in found}
        users = {user.pk for named in self.people.by_text.values() for user in named}
        members = AccountMember.objects.filter(account__in=accounts, user__in=users)
        self.roles = {(row.account_id, row.user_id): row.role for row in members}
        self._look_up_managers(accounts - set(self.managers))

    def name(self, values: Mapping[str, Any]) -> str:
        return " · ".join(str(values[name]) for name in ("account", "user") if name in values)

    def plan(self, row: ImportRow) -> Plan:
        account = self.accounts.find(row.values["account"])
        user = self.people.find(row.values["user"])
        self.claim("user", (account.pk, user.pk), row)
        old = self.roles.get((account.pk, user.pk), "")
        role = AccountRole(row.values.get("role", old or AccountRole.MEMBER))
        managers = self.managers[account.pk]
        if old == AccountRole.MANAGER != role and managers == {user.pk}:
            raise refuse_row("role", LastManager(str(account)))
        changes = [Change("role", old, role.value)] if role != old else []
        plan = self.decide(row, changes, partial(self._set, account, user, role), is_new=not old)
        (managers.add if role == AccountRole.MANAGER else managers.discard)(user.pk)
        return plan

    def _look_up_managers(self, account_ids: set[int]) -> None:
        found: dict[int, set[int]] = defaultdict(set)
        managers = AccountMember.objects.filter(account__in=account_ids, role=AccountRole.MANAGER)
        for account_id, user_id in managers.values_list("account_id", "user_id"):
            found[account_id].add(user_id)
        self.managers |= {account_id: found[account_id] for account_id in account_ids}

    def _set(self, account: Account, user: User, role: AccountRole) -> bool:
        by: dict[str, Any] = {"actor": self.by.actor, "reason": self.by.reason}
        wallet_operations.set_member(account, user, role, **by)
        return True
