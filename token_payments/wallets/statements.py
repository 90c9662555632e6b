"""Statements: a wallet's entries, each with the balance after it.

The balance of a statement is what the entries add up to. It differs from what can be spent by
tokens that have expired but whose expiry is not recorded yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import (
    Case,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    When,
)

from token_payments.wallets.models import (
    LedgerEntry,
    TokenIssue,
    Wallet,
)

#: What the words for an entry need, so that no line of a statement takes a query.
ENTRY_RELATED = ("issue", "transfer__source__account", "transfer__target__account")
RELATED = (*ENTRY_RELATED, "actor", "redemption__item", "redemption__learner")
PAGE = 2000  # entries that a listing of all of them holds in memory at once


@dataclass(frozen=True)
class StatementFilter:
    """The entries of a statement that are wanted; empty: all of them.

    ``kinds`` are values of EntryKind; ``since`` and ``until`` bound the instants [since, until);
    ``text`` is part of a reason, an issue's reference, the learner's user name or e-mail address,
    or the course's title or key.
    """

    kinds: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""


@dataclass(frozen=True)
class StatementLine:
    """One entry of the ledger, and the wallet's balance after it in tokens."""

    entry: LedgerEntry
    balance: int


def list_statement(
    wallet: Wallet, only: StatementFilter = StatementFilter()
) -> QuerySet[LedgerEntry]:
    """A wallet's entries in the ledger, the newest first, for ``add_balances``."""
    entries = LedgerEntry.objects.filter(issue__wallet=wallet)
    if only.kinds:
        entries = entries.filter(kind__in=only.kinds)
    if only.since is not None:
        entries = entries.filter(created_at__gte=only.since)
    if only.until is not None:
        entries = entries.filter(created_at__lt=only.until)
    if only.text:
        entries = entries.filter(_match(only.text))
    return entries.select_related(*RELATED).order_by("-id")


def add_balances(wallet: Wallet, entries: Sequence[LedgerEntry]) -> list[StatementLine]:
    """The lines of a page of a wallet's entries: two queries, however long the ledger is.

    Right for filtered entries as well: what lies between two of them is counted.
    """
    if not entries:
        return []
    wanted = {entry.pk for entry in entries}
    ledger = LedgerEntry.objects.filter(issue__wallet=wallet)
    balance = _sum_before(wallet, min(wanted))
    page = ledger.filter(id__gte=min(wanted), id__lte=max(wanted)).order_by("id")
    balances = {}
    for pk, amount in page.values_list("id", "amount").iterator(chunk_size=PAGE):
        balance += amount
        if pk in wanted:
            balances[pk] = balance
    return [StatementLine(entry, balances[entry.pk]) for entry in entries]


def _sum_before(wallet: Wallet, entry_id: int) -> int:
    """The sum of all entries before this one, in one statement.

    What remains in an issue is the sum of its entries: they are added up only of issues that have
    both earlier and later ones.
    """
    entries = LedgerEntry.objects.filter(issue=OuterRef("pk")).order_by()
    earlier = entries.filter(id__lt=entry_id).values("issue").annotate(sum=Sum("amount"))
    before = Case(
        When(Exists(entries.filter(id__gte=entry_id)), then=Subquery(earlier.values("sum"))),
        default=F("remaining"),
        output_field=IntegerField(),
    )
    issues = TokenIssue.objects.filter(wallet=wallet).order_by().values(before=before)
    return sum(row["before"] or 0 for row in issues.iterator(chunk_size=PAGE))


def iterate_statement(
    wallet: Wallet, only: StatementFilter = StatementFilter()
) -> Iterator[StatementLine]:
    """Every line of the statement, the oldest first, in pages: memory stays that of one page."""
    matching = list_statement(wallet, only).order_by("id")
    balance, last = 0, 0
    while True:
        # the keys first: the database then sorts numbers, not whole rows
        keys = list(matching.filter(id__gt=last).values_list("id", flat=True)[:PAGE])
        if not keys:
            return
        # by their keys alone: SQLite would look for each of them in each of the wallet's issues
        page = list(LedgerEntry.objects.select_related(*RELATED).filter(id__in=keys).order_by("id"))
        between = LedgerEntry.objects.filter(
            issue__wallet=wallet, id__gt=last, id__lte=page[-1].pk
        ).order_by("id")
        wanted = {entry.pk: entry for entry in page}
        for pk, amount in between.values_list("id", "amount").iterator(chunk_size=PAGE):
            balance += amount
            if pk in wanted:
                yield StatementLine(wanted[pk], balance)
        last = page[-1].pk


def _match(text: str) -> Q:
    fields = (
        "reason",
        "issue__reference",
        "redemption__learner__username",
        "redemption__learner__email",
        "redemption__item__title",
        "redemption__item__item_key",
    )
    matches = Q()
    for field in fields:
        matches |= Q(**{f"{field}__icontains": text})
    return matches
