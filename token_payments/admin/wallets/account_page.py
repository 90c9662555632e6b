"""An account's pages: what stands above each of them, and the cards of its tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from token_payments.admin.formats import write_badge
from token_payments.admin.pages import may_act, page_url
from token_payments.admin.wallets.texts import statement_url
from token_payments.admin.wallets.transferring import get_transfer_url
from token_payments.models import Account, LedgerEntry, TokenIssue, TokenType
from token_payments.presenters.holdings import Holding, list_holdings


@dataclass(frozen=True)
class AccountTab:
    label: str
    url: str
    is_current: bool = False


def describe_account(
    model_admin: admin.ModelAdmin, request: HttpRequest, account: Account, *, page: str
) -> dict[str, Any]:
    """The context of ``account_head.html``; ``page`` is the tab, or "" for a confirmation."""
    tabs = [
        AccountTab(gettext("Details"), page_url(account), page == "change"),
        AccountTab(gettext("Members"), page_url(account, "members"), page == "members"),
        AccountTab(gettext("Alerts"), page_url(account, "alerts"), page == "alerts"),
    ]
    issue_admin = model_admin.admin_site.get_model_admin(TokenIssue)
    if issue_admin.has_view_permission(request):
        issues = reverse("admin:token_payments_tokenissue_changelist")
        tabs.append(AccountTab(gettext("Token issues"), f"{issues}?account={account.pk}"))
    return {
        "account": account,
        "state": write_state(account),
        "may_act": may_act(model_admin, request),
        "tabs": tabs,
    }


def write_state(account: Account) -> SafeString:
    if account.is_frozen:
        return write_badge("frozen", gettext("Frozen"))
    return write_badge("active", gettext("Active"))


@dataclass(frozen=True)
class WalletCard:
    """One type; an empty address stands for what the user may not do."""

    holding: Holding
    type_url: str
    issue_url: str
    transfer_url: str
    statement_url: str


def list_cards(site: AdminSite, request: HttpRequest, account: Account) -> list[WalletCard]:
    """A card for each type that the account ever held: six queries and those of permissions."""
    may_see_entries = site.get_model_admin(LedgerEntry).has_view_permission(request)
    may_see_types = site.get_model_admin(TokenType).has_view_permission(request)
    may_issue = may_issue_to(site, request, account)
    may_transfer = may_act(site.get_model_admin(TokenIssue), request)
    cards = []
    for holding in list_holdings([account.pk], timezone.now(), with_forecasts=True):
        wallet, token_type = holding.wallet, holding.wallet.token_type
        takes_issues = may_issue and not token_type.is_archived
        cards.append(
            WalletCard(
                holding=holding,
                type_url=page_url(token_type) if may_see_types else "",
                issue_url=get_issue_url(account, token_type) if takes_issues else "",
                statement_url=statement_url(wallet) if may_see_entries else "",
                transfer_url=(
                    get_transfer_url(wallet) if may_transfer and holding.can_be_moved else ""
                ),
            )
        )
    return cards


def may_issue_to(site: AdminSite, request: HttpRequest, account: Account) -> bool:
    """Whether the user may raise issues by hand now, and the account get some."""
    return not account.is_frozen and site.get_model_admin(TokenIssue).has_add_permission(request)


def get_issue_url(account: Account, token_type: TokenType | None = None) -> str:
    """The form *Issue tokens* with the account, and the type, filled in."""
    query = {"account": account.pk, **({"token_type": token_type.pk} if token_type else {})}
    return f"{reverse('admin:token_payments_tokenissue_add')}?{urlencode(query)}"
