"""Access to an account's pages: signed in, and a member or a manager of the account."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from token_payments.models import AccountMember, AccountRole, Wallet
from token_payments.portal.refusals import View, portal_page

MAX_ID = 2**63 - 1  # what a database takes for a key


def tokens_page(view: View) -> View:
    """A page of the plugin for people who are signed in; others are sent to sign in first."""

    @portal_page
    @wraps(view)
    def page(request: HttpRequest, **arguments: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, **arguments)

    return page


def get_membership(request: HttpRequest, account_id: int) -> AccountMember:
    """The visitor's membership of the account. Raises Http404, also for no such account."""
    if account_id > MAX_ID:
        raise Http404
    members = AccountMember.objects.select_related("account")
    return get_object_or_404(members, user=request.user.pk, account_id=account_id)


def get_managed(request: HttpRequest, account_id: int) -> AccountMember:
    """The visitor's membership of an account that the visitor manages. Raises Http404."""
    member = get_membership(request, account_id)
    if not is_manager(member):
        raise Http404
    return member


def is_manager(member: AccountMember) -> bool:
    return bool(member.role == AccountRole.MANAGER)


def find_wallet(member: AccountMember, type_id: int) -> Wallet:
    """The account's wallet of one type of tokens. Raises Http404 when it never had any."""
    if type_id > MAX_ID:
        raise Http404
    wallets = Wallet.objects.select_related("account", "token_type")
    return get_object_or_404(wallets, account=member.account, token_type_id=type_id)
