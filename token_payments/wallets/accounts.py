"""Accounts: freezing them, and who belongs to them in which role."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction

from token_payments.db.changes import set_change_author
from token_payments.errors import LastManager
from token_payments.hosts import list_name_relations
from token_payments.hosts.base import User
from token_payments.wallets.models import Account, AccountMember, AccountRole


def freeze_account(account_id: int, *, actor: User, reason: str = "") -> Account:
    """Freeze an account: no tokens are issued to it, and none of its tokens are spent.

    Doing it again changes nothing. ``reason`` is kept in the account's history.
    """
    return _set_frozen(account_id, True, actor, reason)


def unfreeze_account(account_id: int, *, actor: User, reason: str = "") -> Account:
    """Let a frozen account get and spend tokens again; doing it again changes nothing."""
    return _set_frozen(account_id, False, actor, reason)


def set_member(
    account: Account,
    user: User,
    role: AccountRole,
    *,
    actor: User | None,
    reason: str = "",
    address_known: bool | None = None,
) -> AccountMember:
    """Make a user a member or a manager of an account.

    ``address_known``: whether managers may see the e-mail address; None: as it is, and of a new
    member they may. Doing it again changes nothing. Raises LastManager when the account's only
    manager would become a member.
    """
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)
        member = AccountMember.objects.filter(account=account, user=user).first()
        is_known = address_known is not False
        member = member or AccountMember(
            account=account, user=user, role="", address_known=is_known
        )
        if member.role != role or (address_known and not member.address_known):
            _check_other_manager(member)
            member.role = role
            member.address_known = member.address_known or bool(address_known)
            set_change_author(member, actor, reason)
            member.save()
    return member


def remove_member(account: Account, user: User, *, actor: User) -> bool:
    """End a user's membership of an account; False for somebody who had none.

    Enrolments that were paid for stay. Raises LastManager for the account's only manager.
    """
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)
        member = AccountMember.objects.filter(account=account, user=user).first()
        if member is None:
            return False
        _check_other_manager(member)
        set_change_author(member, actor)
        member.delete()
    return True


def end_memberships(user_id: int) -> int:
    """End all memberships of somebody who is gone; returns how many.

    Also of an account's only manager: staff see that it has none. Runs in the caller's transaction.
    """
    # by id, like all locks: "account" would mean the accounts' own order, by name
    members = list(AccountMember.objects.filter(user=user_id).order_by("account_id"))
    for member in members:
        Account.objects.select_for_update().get(pk=member.account_id)
        set_change_author(member, None)
        member.delete()
    return len(members)


def find_role(account: Account, user: User) -> AccountRole | None:
    """The user's role in the account; None for a stranger."""
    member = AccountMember.objects.filter(account=account, user_id=user.pk).first()
    return AccountRole(member.role) if member else None


def list_managers(account_ids: Iterable[int]) -> dict[int, list[User]]:
    """By account, those who can be mailed: active, with an address. One query, names included."""
    rows = AccountMember.objects.filter(account__in=set(account_ids), role=AccountRole.MANAGER)
    rows = rows.filter(user__is_active=True).exclude(user__email="")
    managers: dict[int, list[User]] = defaultdict(list)
    for member in rows.select_related(*list_name_relations("user")).order_by("pk"):
        managers[member.account_id].append(member.user)
    return managers


def _check_other_manager(member: AccountMember) -> None:
    """The caller has locked the account, so that two managers can't leave at the same time."""
    if member.role != AccountRole.MANAGER:
        return
    managers = AccountMember.objects.filter(account=member.account_id, role=AccountRole.MANAGER)
    if not managers.exclude(pk=member.pk).exists():
        raise LastManager(str(member.account_id))


def _set_frozen(account_id: int, is_frozen: bool, actor: User, reason: str) -> Account:
    with transaction.atomic():
        account = Account.objects.select_for_update().get(pk=account_id)
        if account.is_frozen != is_frozen:
            account.is_frozen = is_frozen
            set_change_author(account, actor, reason)
            account.save(update_fields=["is_frozen"])
    return account
