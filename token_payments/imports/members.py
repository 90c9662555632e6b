"""Loading members: who belongs to which account, in which role."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from token_payments.errors import LastManager
from token_payments.hosts.base import User
from token_payments.imports.lookups import AccountLookUp, People
from token_payments.imports.planning import Planner
from token_payments.imports.verdicts import Change, ImportRow, Plan, refuse_row
from token_payments.models import Account, AccountMember, AccountRole
from token_payments.wallets import operations as wallet_operations


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
