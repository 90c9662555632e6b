"""Transfers: what left the one account came to the other, at the same price."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext

from token_payments.doctor.agreement import list_wrongly_transferred
from token_payments.doctor.findings import Finding, walk
from token_payments.doctor.ledger import name_entry, name_issue
from token_payments.l10n.formats import format_number
from token_payments.models import EntryKind, IssueSource, LedgerEntry, TokenIssue, TokenTransfer


def list_unbalanced(_now: datetime) -> Iterator[Finding]:
    """Over both sides a transfer's entries add up to zero, at each price, in its two wallets."""
    for transfers in walk(TokenTransfer.objects.all()):
        for transfer in list_wrongly_transferred(transfers):
            yield Finding(
                _name(transfer.pk),
                gettext(
                    "It is of %(quantity)s tokens; its entries take %(taken)s away and add "
                    "%(added)s."
                )
                % {
                    "quantity": format_number(transfer.quantity),
                    "taken": format_number(transfer.taken),
                    "added": format_number(transfer.added),
                },
            )
        entries = LedgerEntry.objects.filter(transfer__in=transfers.values("pk")).order_by()
        yield from _list_other_prices(entries)
        yield from _list_elsewhere(entries)


def list_issues_without_transfer(_now: datetime) -> Iterator[Finding]:
    """Those issues that say they were transferred, and no others, began with a transfer's entry."""
    begun = LedgerEntry.objects.filter(
        issue=OuterRef("pk"), kind=EntryKind.ISSUE, transfer__isnull=False
    )
    is_transfer = Q(source=IssueSource.TRANSFER)
    wrong = (is_transfer & ~Q(Exists(begun))) | (~is_transfer & Q(Exists(begun)))
    for issues in walk(TokenIssue.objects.all()):
        for issue in issues.filter(wrong):
            yield Finding(
                name_issue(issue.pk),
                gettext("Its source and its first entry disagree about a transfer."),
            )


def _list_other_prices(entries: QuerySet[LedgerEntry]) -> Iterator[Finding]:
    """Of sums that are right as a whole, at least."""
    prices = entries.values_list("transfer", "issue__unit_price", "issue__currency")
    whole = entries.values_list("transfer").annotate(Sum("amount"))
    unequal = {pk for pk, amount in whole if amount}
    wrong = prices.annotate(Sum("amount")).exclude(amount__sum=0)
    for pk in sorted({row[0] for row in wrong} - unequal):
        yield Finding(
            _name(pk), gettext("The tokens that came have another price than those that left.")
        )


def _list_elsewhere(entries: QuerySet[LedgerEntry]) -> Iterator[Finding]:
    is_away = Q(kind=EntryKind.TRANSFER)
    right = (is_away & Q(issue__wallet=F("transfer__source"))) | (
        ~is_away & Q(issue__wallet=F("transfer__target"))
    )
    for entry in entries.exclude(right):
        yield Finding(
            name_entry(entry),
            gettext("An entry of transfer %(transfer)s is in a wallet that isn't its own.")
            % {"transfer": entry.transfer_id},
        )


def _name(pk: int) -> str:
    return gettext("transfer %(id)s") % {"id": pk}
