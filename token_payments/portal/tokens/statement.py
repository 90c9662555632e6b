"""The statement of an account's tokens of one type: its issues, and every entry of its ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from token_payments.hosts.people import get_user
from token_payments.models import AccountMember, Wallet
from token_payments.portal.pages import get_page, render_page, write_query
from token_payments.portal.tokens import access
from token_payments.portal.tokens.forms import PageForm
from token_payments.portal.tokens.transferring import may_transfer
from token_payments.presenters import statements
from token_payments.presenters.csv_files import send_csv
from token_payments.presenters.ledger_lines import EntryLine, describe_lines, list_people
from token_payments.wallets import queries as wallet_queries
from token_payments.wallets.queries import StatementLine

PAGE = 50  # entries
ISSUES = 12  # that are listed; the rest is told as a number


class StatementFilterForm(PageForm, statements.StatementForm):
    """Without ``by_text`` it has no search for names and reasons."""

    def __init__(self, *args: Any, by_text: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not by_text:
            del self.fields["text"]


@access.tokens_page
@require_safe
def statement(request: HttpRequest, account_id: int, type_id: int) -> HttpResponse:
    """The newest entries first, 50 a page, and the issues in the order in which they are used."""
    member, wallet, form = _read(request, account_id, type_id)
    entries = wallet_queries.list_statement(wallet, form.get_filter())
    # their keys first: the database then sorts nothing but numbers, however many there are
    page = get_page(request, entries.values_list("pk", flat=True), PAGE)
    shown = list(entries.select_related(*list_people()).filter(pk__in=list(page.object_list)))
    now = timezone.now()
    issues = list(wallet_queries.list_usable_issues(wallet, now)[: ISSUES + 1])
    form.tie_errors()
    return render_page(
        request,
        "tokens/statement.html",
        account=member.account,
        wallet=wallet,
        token_type=wallet.token_type,
        is_manager=access.is_manager(member),
        balance=wallet_queries.get_balance(wallet, now),
        forecast=statements.foresee(wallet, now),
        may_transfer=may_transfer(request, member, wallet),
        issues=issues[:ISSUES],
        has_more_issues=len(issues) > ISSUES,
        form=form,
        is_filtered=any(form.data.get(name) for name in form.fields),
        page=page,
        rows=list(_describe(request, member, wallet_queries.add_balances(wallet, shown))),
        query=write_query(request),
    )


@access.tokens_page
@require_safe
def statement_csv(request: HttpRequest, account_id: int, type_id: int) -> HttpResponse:
    """Every entry that the filter leaves, the oldest first, sent as it is read."""
    member, wallet, form = _read(request, account_id, type_id)
    if not form.is_valid():
        address = reverse("token_payments:statement", args=[account_id, type_id])
        return redirect(f"{address}?{write_query(request)}")
    lines = wallet_queries.iterate_statement(wallet, form.get_filter())
    rows = statements.write_rows(_describe(request, member, lines), statements.MEMBERS)
    return send_csv(rows, slugify(f"{wallet.account}-{wallet.token_type}") or "tokens")


def _read(
    request: HttpRequest, account_id: int, type_id: int
) -> tuple[AccountMember, Wallet, StatementFilterForm]:
    member = access.get_membership(request, account_id)
    form = StatementFilterForm(request.GET, by_text=access.is_manager(member))
    return member, access.find_wallet(member, type_id), form


def _describe(
    request: HttpRequest, member: AccountMember, lines: Iterable[StatementLine]
) -> Iterator[EntryLine]:
    """Managers are told everything, members what concerns them."""
    return describe_lines(lines, reader=None if access.is_manager(member) else get_user(request))
