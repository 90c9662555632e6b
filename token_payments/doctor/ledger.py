"""Issues and their entries: what remains is what the entries add up to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from django.db.models import Count, Exists, F, Min, OuterRef, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext

from token_payments.doctor.findings import Finding, Repair, Severity, call_support, walk
from token_payments.doctor.repairs import record_expiry, set_remaining
from token_payments.l10n import format_number
from token_payments.models import EntryKind, LedgerEntry, Redemption, TokenIssue
from token_payments.wallets.models import NEGATIVE, POSITIVE

SWEPT_WITHIN = timedelta(days=1)
PAYING = (EntryKind.DEBIT, EntryKind.REVERSAL)


def find_wrong_sums(_now: datetime) -> Iterator[Finding]:
    """For every issue the sum of its entries is what remains."""
    for issues in walk(TokenIssue.objects.all()):
        sums = issues.annotate(total=Coalesce(Sum("entries__amount"), 0))
        for issue in sums.exclude(remaining=F("total")):
            yield _describe_wrong_sum(issue, issue.total)


def _describe_wrong_sum(issue: TokenIssue, total: int) -> Finding:
    repair = None
    advice = call_support()
    if total >= 0:
        what = gettext("set what remains of issue %(issue)s to %(total)s")
        repair = Repair(
            what % {"issue": issue.pk, "total": total}, partial(set_remaining, issue.pk)
        )
        advice = gettext(
            "The ledger is the truth. Look through the issue's entries; if they are right, run the "
            "repair, which sets what remains to their sum."
        )
    return Finding(
        subject=name_issue(issue.pk),
        text=gettext("%(remaining)s tokens remain, but the entries add up to %(total)s.")
        % {"remaining": issue.remaining, "total": total},
        advice=advice,
        repair=repair,
    )


def find_wrong_openings(_now: datetime) -> Iterator[Finding]:
    """An issue's first entry, and no other, issues its quantity."""
    is_issue = Q(entries__kind=EntryKind.ISSUE)
    for issues in walk(TokenIssue.objects.all()):
        opened = issues.annotate(
            first=Min("entries__id"),
            opening=Min("entries__id", filter=is_issue),
            openings=Count("entries", filter=is_issue),
            issued=Coalesce(Sum("entries__amount", filter=is_issue), 0),
        )
        right = Q(openings=1, issued=F("quantity"), opening=F("first"))
        for issue in opened.exclude(right):
            yield Finding(
                subject=name_issue(issue.pk),
                text=gettext(
                    "Its first entry should be the one that issues its %(quantity)s tokens; there "
                    "are %(number)s such entries, of %(issued)s tokens."
                )
                % {
                    "quantity": issue.quantity,
                    "number": issue.openings,
                    "issued": issue.issued,
                },
                advice=call_support(),
            )


def find_overdrawn_issues(_now: datetime) -> Iterator[Finding]:
    """Nothing is below zero. The database has a CHECK; an old MySQL doesn't look at it."""
    for issue in TokenIssue.objects.filter(remaining__lt=0).iterator():
        yield Finding(
            subject=name_issue(issue.pk),
            text=gettext("%(remaining)s tokens remain.") % {"remaining": issue.remaining},
            advice=call_support(),
        )


def find_wrong_signs(_now: datetime) -> Iterator[Finding]:
    """An entry's sign follows its kind, and its kind is known."""
    right = (
        Q(kind__in=POSITIVE, amount__gt=0)
        | Q(kind__in=NEGATIVE, amount__lt=0)
        | Q(kind=EntryKind.EXTENSION, amount=0)
    )
    for entries in walk(LedgerEntry.objects.all()):
        for entry in entries.exclude(right):
            yield Finding(
                subject=name_entry(entry),
                text=gettext("An entry of the kind “%(kind)s” has the amount %(amount)s.")
                % {"kind": entry.kind, "amount": entry.amount},
                advice=call_support(),
            )


def find_orphans(_now: datetime) -> Iterator[Finding]:
    """What entries refer to exists: these columns have no foreign key in the database."""
    has_issue = Exists(TokenIssue.objects.filter(pk=OuterRef("issue_id")))
    has_redemption = Exists(Redemption.objects.filter(pk=OuterRef("redemption_id")))
    for entries in walk(LedgerEntry.objects.all()):
        lost = entries.filter(~has_issue | (Q(redemption_id__isnull=False) & ~has_redemption))
        for entry in lost:
            yield Finding(
                subject=name_entry(entry),
                text=gettext(
                    "It belongs to issue %(issue)s and redemption %(redemption)s, of which one "
                    "doesn't exist."
                )
                % {"issue": entry.issue_id, "redemption": entry.redemption_id or "-"},
                advice=gettext(
                    "A row was deleted from the database. Bring it back from a backup: the entry "
                    "must stay as it is."
                ),
            )


def find_misplaced_entries(_now: datetime) -> Iterator[Finding]:
    """Only debits and reversals have a redemption, each one that is paid from the same wallet."""
    is_paying = Q(kind__in=PAYING)
    elsewhere = Exists(
        Redemption.objects.filter(pk=OuterRef("redemption_id")).exclude(
            wallet=OuterRef("issue__wallet")
        )
    )
    wrong = (
        (is_paying & Q(redemption_id__isnull=True))
        | (~is_paying & Q(redemption_id__isnull=False))
        | elsewhere
    )
    for entries in walk(LedgerEntry.objects.all()):
        for entry in entries.filter(wrong):
            yield Finding(
                subject=name_entry(entry),
                text=gettext(
                    "An entry of the kind “%(kind)s” of issue %(issue)s has redemption "
                    "%(redemption)s, which isn't paid from this wallet or doesn't belong here."
                )
                % {
                    "kind": entry.kind,
                    "issue": entry.issue_id,
                    "redemption": entry.redemption_id or "-",
                },
                advice=call_support(),
            )


def find_unrecorded_expiry(now: datetime) -> Iterator[Finding]:
    """The sweep has recorded what expired more than a day ago."""
    due = TokenIssue.objects.filter(expires_at__lte=now - SWEPT_WITHIN, remaining__gt=0)
    found = due.aggregate(issues=Count("id"), tokens=Sum("remaining"), first=Min("expires_at"))
    if found["issues"]:
        yield Finding(
            subject=gettext("%(number)s issues") % {"number": format_number(found["issues"])},
            text=gettext(
                "%(tokens)s tokens have expired, the first on %(day)s (UTC), and it isn't recorded "
                "yet. They can't be spent."
            )
            % {"tokens": format_number(found["tokens"]), "day": found["first"].date().isoformat()},
            advice=gettext(
                "Run token_payments_expire, and see to it that it runs every hour "
                "(docs/scheduled-work.md)."
            ),
            severity=Severity.NOTE,
            repair=Repair(gettext("record what has expired"), partial(record_expiry, now)),
        )


def name_issue(pk: int) -> str:
    return gettext("issue %(id)s") % {"id": pk}


def name_entry(entry: LedgerEntry) -> str:
    return gettext("ledger entry %(id)s") % {"id": entry.pk}
