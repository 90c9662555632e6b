"""Entries of the ledger, in words."""

from __future__ import annotations

from django.utils.translation import gettext

from token_payments.l10n.dates import last_day
from token_payments.l10n.formats import format_day
from token_payments.wallets.models import EntryKind, LedgerEntry, TokenTransfer


def describe_what(entry: LedgerEntry) -> str:
    """An entry in words: its kind, of an extension from when to when.

    Of a transfer also the other account's name, and nothing else of that account: who sees the
    one side may be a stranger to the other.
    """
    if entry.transfer is not None:
        return _describe_transfer(entry.transfer, is_away=entry.kind == EntryKind.TRANSFER)
    kind = str(entry.get_kind_display())
    if entry.expires_from is None:
        return kind
    days = {"before": format_day(last_day(entry.expires_from))}
    if entry.expires_to is None:
        return gettext("Expires never, no longer on %(before)s") % days
    days["after"] = format_day(last_day(entry.expires_to))
    return gettext("Expires on %(after)s, no longer on %(before)s") % days


def _describe_transfer(transfer: TokenTransfer, *, is_away: bool) -> str:
    if is_away:
        return gettext("Transferred to %(account)s") % {"account": transfer.target.account}
    return gettext("Transferred from %(account)s") % {"account": transfer.source.account}
