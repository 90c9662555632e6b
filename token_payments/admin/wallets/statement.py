"""The statement of a wallet: what came and went and the balance after it, as a page and as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    QueryDict,
)
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments import conf
from token_payments.admin.pages import page_url, render_page
from token_payments.admin.wallets.texts import statement_url
from token_payments.db.numbers import read_number
from token_payments.models import Account, LedgerEntry, Wallet
from token_payments.presenters import ledger_lines, statements
from token_payments.presenters.csv_files import send_csv
from token_payments.wallets import queries as wallet_queries

PAGE_SIZE = 100


class LedgerFilterForm(statements.StatementForm):
    text = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=200,
        help_text=_("Reason, reference of the issue, learner or course"),
    )


@dataclass(frozen=True)
class EntryPage:
    """Keys, the newest first; ``newer`` and ``older`` lead on, None where there is nothing."""

    keys: Sequence[int]
    newer: int | None
    older: int | None


def show_statement(
    model_admin: admin.ModelAdmin, request: HttpRequest, wallet_id: int
) -> HttpResponse:
    """A page of the statement, filtered by what the address says."""
    wallet = _get_wallet(wallet_id)
    form = LedgerFilterForm(request.GET)
    entries = wallet_queries.list_statement(wallet, form.get_filter())
    entries = entries.select_related("issue", "redemption__item", *ledger_lines.list_people())
    after, before = (read_number(request.GET.get(name, "")) for name in ("after", "before"))
    page = _get_page(entries, after=after, before=before)
    lines = wallet_queries.add_balances(wallet, list(entries.filter(pk__in=page.keys)))
    now = timezone.now()
    may_see_account = model_admin.admin_site.get_model_admin(Account).has_view_permission(request)
    return render_page(
        model_admin,
        request,
        "statement",
        title=gettext("Statement: %(wallet)s") % {"wallet": wallet},
        wallet=wallet,
        account_url=page_url(wallet.account) if may_see_account else "",
        csv_url=f"{statement_url(wallet)}csv/",
        form=form,
        lines=list(ledger_lines.describe_lines(lines)),
        balance=wallet_queries.get_balance(wallet, now),
        forecast=statements.foresee(wallet, now),
        page=page,
        query=_keep(request.GET),
        zone=conf.time_zone().key,
    )


def download_statement(
    _model_admin: admin.ModelAdmin, request: HttpRequest, wallet_id: int
) -> HttpResponseBase:
    """Every line that the filter leaves, the oldest first, written as it is read."""
    wallet = _get_wallet(wallet_id)
    form = LedgerFilterForm(request.GET)
    if not form.is_valid():
        return HttpResponseRedirect(f"{statement_url(wallet)}?{_keep(request.GET)}")
    lines = wallet_queries.iterate_statement(wallet, form.get_filter())
    rows = statements.write_rows(ledger_lines.describe_lines(lines), statements.STAFF)
    return send_csv(rows, slugify(f"{wallet.account} {wallet.token_type}") or f"wallet-{wallet.pk}")


def _get_wallet(wallet_id: int) -> Wallet:
    return get_object_or_404(Wallet.objects.select_related("account", "token_type"), pk=wallet_id)


def _get_page(
    entries: QuerySet[LedgerEntry], *, after: int | None, before: int | None
) -> EntryPage:
    """Up to PAGE_SIZE entries: those older than ``before``, or the ones just newer than ``after``.

    Their keys alone: the database then sorts nothing but numbers, however many there are.
    """
    keys = entries.values_list("pk", flat=True)
    if after is not None:
        rows = list(keys.filter(pk__gt=after).order_by("pk")[: PAGE_SIZE + 1])
        if len(rows) <= PAGE_SIZE:
            return _get_page(entries, after=None, before=None)
        found = rows[:PAGE_SIZE][::-1]
        return EntryPage(found, found[0], found[-1])
    older = keys if before is None else keys.filter(pk__lt=before)
    rows = list(older[: PAGE_SIZE + 1])
    found = rows[:PAGE_SIZE]
    has_newer = bool(found) and before is not None
    return EntryPage(
        found,
        found[0] if has_newer else None,
        found[-1] if len(rows) > PAGE_SIZE else None,
    )


def _keep(address: Any) -> str:
    """The filter without the page, as the query of an address."""
    kept: QueryDict = address.copy()
    for name in ("after", "before"):
        kept.pop(name, None)
    return kept.urlencode()
