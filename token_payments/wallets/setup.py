"""Adding and editing token types and accounts, which two people may do at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Model

from token_payments.db.changes import check_version, compute_version, set_change_author
from token_payments.errors import NameTaken
from token_payments.hosts.base import User
from token_payments.wallets.models import Account, TokenType

Row = TypeVar("Row", TokenType, Account)


def add_type(token_type: TokenType, *, actor: User) -> TokenType:
    """Save a new token type.

    ``token_type`` is an unsaved TokenType; its ``redemption_days`` are the days from issue to
    expiry, None for tokens that never expire. Raises NameTaken when another type has its name.
    """
    return _save(token_type, actor, is_new=True)


def change_type(
    type_id: int, changes: Mapping[str, Any], *, actor: User, version: str | None = None
) -> TokenType:
    """Set some fields of a token type.

    ``changes`` are the new values by the fields' names. ``version`` is the one that was read, None
    for any: VersionConflict is raised when somebody has changed the type since. Raises NameTaken.
    """
    return _change(TokenType, type_id, changes, actor=actor, version=version)


def add_account(account: Account, *, actor: User | None, reason: str = "") -> Account:
    """Save a new account.

    ``account`` is an unsaved Account with a name and, if it has one, its customer number
    (``reference``). Raises NameTaken when another account has either; its ``field`` says which.
    """
    return _save(account, actor, reason, is_new=True)


def change_account(
    account_id: int,
    changes: Mapping[str, Any],
    *,
    actor: User | None,
    version: str | None = None,
    reason: str = "",
) -> Account:
    """Set some fields of an account.

    ``changes`` are the new values by the fields' names. ``version`` is the one that was read, None
    for any: VersionConflict is raised when somebody has changed the account since. Raises
    NameTaken.
    """
    return _change(Account, account_id, changes, actor=actor, version=version, reason=reason)


def _change(
    model: type[Row],
    pk: int,
    changes: Mapping[str, Any],
    *,
    actor: User | None,
    version: str | None,
    reason: str = "",
) -> Row:
    with transaction.atomic():
        row: Row = model._default_manager.select_for_update().get(pk=pk)
        check_version(version, compute_version(row))
        for name, value in changes.items():
            setattr(row, name, value)
        return _save(row, actor, reason)


def _save(row: Row, actor: User | None, reason: str = "", *, is_new: bool = False) -> Row:
    set_change_author(row, actor, reason)
    try:
        with transaction.atomic():
            row.save(force_insert=is_new)
    except IntegrityError:
        taken = _find_taken(row)
        if taken is None:
            raise
        raise NameTaken(taken) from None
    row.refresh_from_db()  # as the database writes it, which its version is made of
    return row


def _find_taken(row: Model) -> str | None:
    """The unique field whose value another row has."""
    others = type(row)._default_manager.exclude(pk=row.pk)
    for name in ("name", "reference"):
        value = getattr(row, name, None)
        if value is not None and others.filter(**{name: value}).exists():
            return name
    return None
