"""The statement of an account's tokens of one type: its issues, and every entry of its ledger."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from token_payments.hosts import list_name_relations
from token_payments.models import AccountMember, Wallet
from token_payments.portal.pages import get_page, render_page, send_csv, write_query
from token_payments.portal.tokens import access
from token_payments.portal.tokens.entries import describe, write_rows
from token_payments.portal.tokens.forms import FilterForm
from token_payments.portal.tokens.transferring import may_transfer
from token_payments.presenters.forecasts import describe_forecast
from token_payments.wallets import queries as wallet_queries

PAGE = 50  # entries
ISSUES = 12  # that are listed; the rest is told as a number


@access.tokens_page
@require_safe
def statement(request: HttpRequest, account_id: int, type_id: int) -> HttpResponse:
    """The newest entries first, 50 a page, and the issues in the order in which they are used."""
    member, wallet = _find(request, account_id, type_id)
    form = FilterForm(request.GET, by_text=access.is_manager(member))
    entries = wallet_queries.list_statement(wallet, form.get_filter())
    # their keys first: the database then sorts nothing but numbers, however many there are
    page = get_page(request, entries.values_list("pk", flat=True), PAGE)
    shown = list(entries.select_related(*_list_people()).filter(pk__in=list(page.object_list)))
    now = timezone.now()
    issues = list(wallet_queries.list_usable_issues(wallet, now)[: ISSUES + 1])
    return render_page(
        request,
        "tokens/statement.html",
        account=member.account,
        wallet=wallet,
        token_type=wallet.token_type,
        is_manager=access.is_manager(member),
        balance=wallet_queries.get_balance(wallet, now),
        forecast="" if member.account.is_frozen else _foresee(wallet, now),
        may_transfer=may_transfer(request, member, wallet),
        issues=issues[:ISSUES],
        has_more_issues=len(issues) > ISSUES,
        form=form,
        is_filtered=any(form.data.get(name) for name in form.fields),
        page=page,
        rows=describe(
            request, wallet_queries.add_balances(wallet, shown), all_names=access.is_manager(member)
        ),
        query=write_query(request),
    )


@access.tokens_page
@require_safe
def statement_csv(request: HttpRequest, account_id: int, type_id: int) -> HttpResponse:
    """Every entry that the filter leaves, the oldest first, sent as it is read."""
    member, wallet = _find(request, account_id, type_id)
    form = FilterForm(request.GET, by_text=access.is_manager(member))
    if not form.is_valid():
        address = reverse("token_payments:statement", args=[account_id, type_id])
        return redirect(f"{address}?{write_query(request)}")
    lines = wallet_queries.iterate_statement(wallet, form.get_filter())
    rows = write_rows(request, lines, all_names=access.is_manager(member))
    return send_csv(rows, slugify(f"{wallet.account}-{wallet.token_type}") or "tokens")


def _find(request: HttpRequest, account_id: int, type_id: int) -> tuple[AccountMember, Wallet]:
    member = access.get_membership(request, account_id)
    return member, access.find_wallet(member, type_id)


def _foresee(wallet: Wallet, now: datetime) -> str:
    """What will expire unused, in a sentence; empty where there is nothing to spend."""
    forecast = wallet_queries.list_forecasts([wallet.pk], now).get(wallet.pk)
    return describe_forecast(forecast, wallet.token_type) if forecast else ""


def _list_people() -> list[str]:
    """What to load with each entry so that naming its people takes no query."""
    return [*list_name_relations("actor"), *list_name_relations("redemption__learner")]
