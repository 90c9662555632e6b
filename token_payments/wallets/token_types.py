"""Token types: archiving, restoring and deleting them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from token_payments.db.changes import set_change_author
from token_payments.errors import TypeInUse
from token_payments.hosts.base import User
from token_payments.wallets.models import TokenIssue, TokenType


@dataclass(frozen=True)
class TypeUses:
    """The uses that keep a type from being deleted, as numbers."""

    issues: int = 0
    prices: int = 0
    orders: int = 0

    def __bool__(self) -> bool:
        return bool(self.issues or self.prices or self.orders)


def count_uses(token_type: TokenType) -> TypeUses:
    """How many issues, prices and orders there are in the type."""
    used: Any = token_type  # prices and orders belong to layers above
    return TypeUses(
        issues=TokenIssue.objects.filter(wallet__token_type=token_type).count(),
        prices=used.prices.count(),
        orders=used.token_orders.count(),
    )


def archive_type(type_id: int, *, actor: User) -> TokenType:
    """Archive a token type: it gets no new issue and no new price.

    Doing it again changes nothing.
    """
    return _set_archived(type_id, True, actor)


def restore_type(type_id: int, *, actor: User) -> TokenType:
    """Let an archived token type be issued and priced in again; doing it again changes nothing."""
    return _set_archived(type_id, False, actor)


def delete_type(type_id: int) -> None:
    """Delete an unused type. Raises TypeInUse for one in use: archive it instead."""
    with transaction.atomic():
        token_type = TokenType.objects.select_for_update().get(pk=type_id)
        if count_uses(token_type):
            raise TypeInUse(str(token_type))
        token_type.wallets.all().delete()  # empty ones: no issue was ever raised in them
        token_type.delete()


def _set_archived(type_id: int, is_archived: bool, actor: User) -> TokenType:
    with transaction.atomic():
        token_type = TokenType.objects.select_for_update().get(pk=type_id)
        if token_type.is_archived != is_archived:
            token_type.is_archived = is_archived
            set_change_author(token_type, actor)
            token_type.save(update_fields=["is_archived"])
    return token_type
