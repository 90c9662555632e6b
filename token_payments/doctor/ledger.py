"""Issues and their entries: what remains is what the entries add up to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from django.db.models import Count, Exists, F, Min, OuterRef, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext

from token_payments.doctor.agreement import list_wrongly_opened, may_trust_entries
from token_payments.doctor.findings import Finding, Repair, Severity, walk
from token_payments.doctor.repairs import record_expiry, set_remaining
from token_payments.l10n.formats import format_number
from token_payments.models import EntryKind, LedgerEntry, Redemption, TokenIssue
from token_payments.wallets.models import NEGATIVE, NEUTRAL, POSITIVE

SWEPT_WITHIN = timedelta(days=1)
PAYING = (EntryKind.DEBIT, EntryKind.REVERSAL)


def list_wrong_sums(_now: datetime) -> Iterator[Finding]:
    """For every issue the sum of its entries is what remains."""
    for issues in walk(TokenIssue.objects.all()):
        sums = issues.annotate(total=Coalesce(Sum("entries__amount"), 0))
        for issue in sums.exclude(remaining=F("total")):
            yield _describe_wrong_sum(issue, issue.total)


def _describe_wrong_sum(issue: TokenIssue, total: int) -> Finding:
    repair = None
    advice = gettext(
        "The sum is below zero, or other findings tell of the same tokens: an entry may be "
        "missing. Compare with a backup before anything is changed."
    )
    if total >= 0 and may_trust_entries(issue):
        what = gettext("set what remains of issue %(issue)s to %(total)s")
        repair = Repair(
            what % {"issue": issue.pk, "total": total}, partial(set_remaining, issue.pk)
        )
        advice = gettext(
            "The ledger is the truth. Look through the issue's entries; if they are right, run the "
            "repair, which sets what remains to their sum."
        )
    return Finding(
        name_issue(issue.pk),
        gettext("%(remaining)s tokens remain, but the entries add up to %(total)s.")
        % {"remaining": issue.remaining, "total": total},
        advice=advice,
        repair=repair,
    )


def list_wrong_openings(_now: datetime) -> Iterator[Finding]:
    """An issue's first entry, and no other, issues its quantity."""
    for issues in walk(TokenIssue.objects.all()):
        for issue in list_wrongly_opened(issues):
            yield Finding(
                name_issue(issue.pk),
                gettext(
                    "Its first entry should be the one that issues its %(quantity)s tokens; there "
                    "are %(number)s such entries, of %(issued)s tokens."
                )
                % {
                    "quantity": issue.quantity,
                    "number": issue.openings,
                    "issued": issue.issued,
                },
            )


def list_overdrawn_issues(_now: datetime) -> Iterator[Finding]:
    """Nothing is below zero. The database has a CHECK; an old MySQL doesn't look at it."""
    for issue in TokenIssue.objects.filter(remaining__lt=0).iterator():
        yield Finding(
            name_issue(issue.pk),
            gettext("%(remaining)s tokens remain.") % {"remaining": issue.remaining},
        )


def list_wrong_signs(_now: datetime) -> Iterator[Finding]:
    """An entry's sign follows its kind, and its kind is known."""
    right = (
        Q(kind__in=POSITIVE, amount__gt=0)
        | Q(kind__in=NEGATIVE, amount__lt=0)
        | Q(kind__in=NEUTRAL, amount=0)
    )
    for entries in walk(LedgerEntry.objects.all()):
        for entry in entries.exclude(right):
            yield Finding(
                name_entry(entry),
                gettext("An entry of the kind “%(kind)s” has the amount %(amount)s.")
                % {"kind": entry.kind, "amount": entry.amount},
            )


def list_orphans(_now: datetime) -> Iterator[Finding]:
    """The rows that entries refer to exist: these columns have no foreign key in the database."""
    has_issue = Exists(TokenIssue.objects.filter(pk=OuterRef("issue_id")))
    has_redemption = Exists(Redemption.objects.filter(pk=OuterRef("redemption_id")))
    for entries in walk(LedgerEntry.objects.all()):
        lost = entries.filter(~has_issue | (Q(redemption_id__isnull=False) & ~has_redemption))
        for entry in lost:
            yield Finding(
                name_entry(entry),
                gettext(
                    "It belongs to issue %(issue)s and redemption %(redemption)s, of which one "
                    "doesn't exist."
                )
                % {"issue": entry.issue_id, "redemption": entry.redemption_id or "-"},
                advice=gettext(
                    "A row was deleted from the database. Bring it back from a backup: the entry "
                    "must stay as it is."
                ),
            )


def list_misplaced_entries(_now: datetime) -> Iterator[Finding]:
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
                name_entry(entry),
                gettext(
                    "An entry of the kind “%(kind)s” of issue %(issue)s has redemption "
                    "%(redemption)s, which isn't paid from this wallet or doesn't belong here."
                )
                % {
                    "kind": entry.kind,
                    "issue": entry.issue_id,
                    "redemption": entry.redemption_id or "-",
                },
            )


def list_wrong_returns(_now: datetime) -> Iterator[Finding]:
    """Tokens are given back to the very issues that they were drawn from, never more of them."""
    for redemptions in walk(Redemption.objects.all()):
        entries = LedgerEntry.objects.filter(redemption__in=redemptions.values("pk"))
        sums = entries.order_by().values_list("redemption__uuid", "issue").annotate(Sum("amount"))
        for uuid, issue, amount in sums.filter(amount__sum__gt=0):
            yield Finding(
                name_issue(issue),
                gettext(
                    "%(amount)s tokens more were given back to it than redemption %(redemption)s "
                    "had drawn from it."
                )
                % {"amount": format_number(amount), "redemption": uuid},
            )


def list_untimely_debits(_now: datetime) -> Iterator[Finding]:
    """Tokens are spent from their issue on, and before they expire: an expiry only gets later."""
    untimely = Q(created_at__lt=F("issue__issued_at")) | Q(created_at__gte=F("issue__expires_at"))
    for entries in walk(LedgerEntry.objects.all()):
        for entry in entries.filter(untimely, kind=EntryKind.DEBIT):
            yield Finding(
                name_entry(entry),
                gettext("Tokens of issue %(issue)s were spent when they couldn't be.")
                % {"issue": entry.issue_id},
                advice=gettext(
                    "Find out who changed the days of the issue, or the entry, beside the plugin."
                ),
            )


def list_unrecorded_expiry(now: datetime) -> Iterator[Finding]:
    """The sweep has recorded what expired more than a day ago."""
    due = TokenIssue.objects.filter(expires_at__lte=now - SWEPT_WITHIN, remaining__gt=0)
    found = due.aggregate(issues=Count("id"), tokens=Sum("remaining"), first=Min("expires_at"))
    if found["issues"]:
        yield Finding(
            gettext("%(number)s issues") % {"number": format_number(found["issues"])},
            gettext(
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
