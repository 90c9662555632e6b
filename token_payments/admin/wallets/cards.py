"""The cards on an account's page: what it has of each type, and what can be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from token_payments.admin.pages import may_act, page_url
from token_payments.admin.wallets.texts import statement_url
from token_payments.admin.wallets.transferring import get_transfer_url
from token_payments.l10n.formats import format_number
from token_payments.models import Account, LedgerEntry, TokenIssue, TokenType
from token_payments.presenters.forecasts import describe_forecast
from token_payments.wallets import queries as wallet_queries


@dataclass(frozen=True)
class WalletCard:
    """One type: the numbers as texts; an empty address stands for what the user may not do."""

    token_type: TokenType
    type_url: str
    available: str
    expiring_soon: str
    expired: str
    spent: str
    forecast: str = ""
    issue_url: str = ""
    transfer_url: str = ""
    kept_for_last: str = ""
    statement_url: str = ""


def list_cards(site: AdminSite, request: HttpRequest, account: Account) -> list[WalletCard]:
    """A card for each type that the account ever held: six queries and those of permissions."""
    wallets = list(account.wallets.select_related("token_type").order_by("token_type__name"))
    now = timezone.now()
    balances = wallet_queries.list_balances([wallet.pk for wallet in wallets], now)
    forecasts = wallet_queries.list_forecasts([] if account.is_frozen else list(balances), now)
    may_see_entries = site.get_model_admin(LedgerEntry).has_view_permission(request)
    may_see_types = site.get_model_admin(TokenType).has_view_permission(request)
    may_issue = may_issue_to(site, request, account)
    may_transfer = may_act(site.get_model_admin(TokenIssue), request)
    cards = []
    for wallet in wallets:
        balance = balances.get(wallet.pk, wallet_queries.Balance())
        token_type, forecast = wallet.token_type, forecasts.get(wallet.pk)
        can_go = bool(balance.available) and not account.is_frozen and not token_type.is_archived
        takes_issues = may_issue and not token_type.is_archived
        cards.append(
            WalletCard(
                token_type=token_type,
                type_url=page_url(token_type) if may_see_types else "",
                available=format_number(balance.available),
                expiring_soon=format_number(balance.expiring_soon),
                expired=format_number(balance.expired),
                spent=format_number(balance.spent),
                forecast=describe_forecast(forecast, token_type) if forecast else "",
                issue_url=get_issue_url(account, token_type) if takes_issues else "",
                statement_url=statement_url(wallet) if may_see_entries else "",
                transfer_url=get_transfer_url(wallet) if may_transfer and can_go else "",
                kept_for_last=format_number(balance.kept_for_last) if balance.kept_for_last else "",
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
