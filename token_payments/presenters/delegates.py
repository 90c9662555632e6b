"""The people of an account and of an order, as pages list them."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from token_payments.db.numbers import read_number
from token_payments.hosts import host, list_name_relations
from token_payments.hosts.base import User
from token_payments.models import Account, AccountMember, AccountRole, OrderDelegate, TokenOrder
from token_payments.wallets import queries as wallet_queries

MANAGERS = 20  # that are listed by name; the account's own page has all


def list_delegates(order: TokenOrder) -> QuerySet[OrderDelegate]:
    """By user name, with their names and who named them."""
    names = (*list_name_relations("user"), *list_name_relations("added_by"))
    return order.delegates.select_related(*names).order_by("user__username", "pk")


def find_delegate(order: TokenOrder, user_id: str) -> OrderDelegate | None:
    """The one that a form names by the user's key."""
    number = read_number(user_id)
    return list_delegates(order).filter(user=number).first() if number else None


def list_managers(order: TokenOrder) -> QuerySet[AccountMember]:
    """The managers of the order's account, by user name."""
    managers = AccountMember.objects.filter(account=order.account_id, role=AccountRole.MANAGER)
    return managers.select_related(*list_name_relations("user")).order_by("user__username", "pk")


def find_involvement(order: TokenOrder, person: User) -> str:
    """How the person looks after the order anyway: as "buyer", as "manager"; empty for neither."""
    if person.pk == order.buyer_id:
        return "buyer"
    account = order.account
    if account is not None and wallet_queries.find_role(account, person) == AccountRole.MANAGER:
        return "manager"
    return ""


def get_members_page(account: Account, number: Any, size: int) -> Page[AccountMember]:
    """That page of them, or the nearest one; their names take no query."""
    members = account.members.select_related(*list_name_relations("user"))
    return Paginator(members.order_by("user__username", "pk"), size).get_page(number)


def name_members(members: Page[AccountMember]) -> list[tuple[AccountMember, str]]:
    return [(member, host.get_full_name(member.user)) for member in members]
