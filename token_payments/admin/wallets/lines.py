"""Ledger entries as lines of a table: the same words on every page and in the file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from token_payments.admin.wallets.texts import write_expiry, write_time
from token_payments.hosts import host
from token_payments.l10n.formats import format_number, format_signed
from token_payments.models import LedgerEntry
from token_payments.presenters.ledger_lines import describe_what


@dataclass(frozen=True)
class EntryLine:
    """One entry; ``balance`` is empty where there is none to show."""

    entry: LedgerEntry
    written_time: SafeString
    expiry: str
    what: str
    tokens: str
    actor: str
    course: str
    learner: str
    redemption_url: str
    balance: str = ""


def describe_entry(entry: LedgerEntry, balance: int | None = None) -> EntryLine:
    """No query for an entry that was loaded with its actor, redemption, course and learner."""
    redemption = entry.redemption
    return EntryLine(
        entry=entry,
        written_time=write_time(entry.created_at),
        expiry=describe_expiry(entry.issue.expires_at),
        what=describe_what(entry),
        tokens=format_signed(entry.amount),
        actor=host.get_full_name(entry.actor) if entry.actor else gettext("the system"),
        course=(redemption.item.title or redemption.item.item_key) if redemption else "",
        learner=host.get_full_name(redemption.learner) if redemption else "",
        redemption_url=(
            reverse("admin:token_payments_redemption_change", args=[redemption.pk])
            if redemption
            else ""
        ),
        balance="" if balance is None else format_number(balance),
    )


def describe_expiry(expires_at: datetime | None) -> str:
    """Of an issue, for the middle of a sentence."""
    if expires_at is None:
        return gettext("never expires")
    return gettext("expires %(day)s") % {"day": write_expiry(expires_at)}
