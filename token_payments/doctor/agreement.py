"""Rows that disagree with the ledger, as queries: for checks, and for repairs that ask first."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Count, F, Min, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from token_payments import models


def list_wrongly_opened(issues: QuerySet[models.TokenIssue]) -> QuerySet[Any]:
    """Those whose first entry, and no other, doesn't issue their quantity.

    With ``openings``, how many entries do, and ``issued``, their sum.
    """
    is_issue = Q(entries__kind=models.EntryKind.ISSUE)
    opened = issues.annotate(
        first=Min("entries__id"),
        opening=Min("entries__id", filter=is_issue),
        openings=Count("entries", filter=is_issue),
        issued=Coalesce(Sum("entries__amount", filter=is_issue), 0),
    )
    return opened.exclude(openings=1, issued=F("quantity"), opening=F("first"))


def list_wrongly_drawn(redemptions: QuerySet[models.Redemption]) -> QuerySet[Any]:
    """Those of which another number of tokens is ``drawn`` than is ``due``.

    Due is the price while a redemption counts, and nothing afterwards.
    """
    due = Case(When(live=True, then=Coalesce(F("tokens"), 0)), default=Value(0))
    sums = redemptions.annotate(due=due, drawn=-Coalesce(Sum("entries__amount"), 0))
    return sums.exclude(drawn=F("due"))


def list_wrongly_cancelled(orders: QuerySet[models.TokenOrder]) -> QuerySet[Any]:
    """Wallet orders whose cancellations, ``recorded``, aren't what was ``taken_back``."""
    cancelled = models.TokenOrderCancellation.objects.filter(order=OuterRef("pk")).order_by()
    taken = models.LedgerEntry.objects.filter(
        issue=OuterRef("issue"), kind=models.EntryKind.CANCELLATION
    )
    taken_back = taken.order_by().values("issue").annotate(total=-Sum("amount")).values("total")
    recorded = cancelled.values("order").annotate(total=Sum("quantity")).values("total")
    sums = orders.annotate(
        recorded=Coalesce(Subquery(recorded), 0), taken_back=Coalesce(Subquery(taken_back), 0)
    )
    return sums.exclude(recorded=F("taken_back"))


def list_wrongly_transferred(transfers: QuerySet[models.TokenTransfer]) -> QuerySet[Any]:
    """Those whose entries don't take as many tokens as they add, or other ones than it says.

    With ``taken`` and ``added``.
    """
    is_away = Q(entries__kind=models.EntryKind.TRANSFER)
    sums = transfers.annotate(
        taken=-Coalesce(Sum("entries__amount", filter=is_away), 0),
        added=Coalesce(Sum("entries__amount", filter=~is_away), 0),
    )
    return sums.exclude(taken=F("quantity"), added=F("quantity"))


def may_trust_entries(issue: models.TokenIssue) -> bool:
    """Whether all else that tells of the issue's tokens agrees with their entries.

    If it doesn't, an entry may be missing: then what remains is nearer to the truth than their sum.
    """
    doubts: list[QuerySet[Any]] = [
        list_wrongly_opened(models.TokenIssue.objects.filter(pk=issue.pk)),
        list_wrongly_drawn(models.Redemption.objects.filter(wallet=issue.wallet_id)),
        list_wrongly_cancelled(models.TokenOrder.objects.filter(issue=issue)),
        list_wrongly_transferred(models.TokenTransfer.objects.filter(source=issue.wallet_id)),
        list_wrongly_transferred(models.TokenTransfer.objects.filter(target=issue.wallet_id)),
    ]
    return not any(list(rows[:1]) for rows in doubts)  # exists() loses what MySQL groups by
