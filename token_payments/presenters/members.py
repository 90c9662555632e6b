"""The members of an account, as their pages list them."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator

from token_payments.hosts import host, list_name_relations
from token_payments.models import Account, AccountMember


def get_members_page(account: Account, number: Any, size: int) -> Page[AccountMember]:
    """That page of them, or the nearest one; their names take no query."""
    members = account.members.select_related(*list_name_relations("user"))
    return Paginator(members.order_by("user__username", "pk"), size).get_page(number)


def name_members(members: Page[AccountMember]) -> list[tuple[AccountMember, str]]:
    return [(member, host.get_full_name(member.user)) for member in members]
