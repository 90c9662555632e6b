"""Entries of the ledger in words: the same on every page and in every file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext

from token_payments import conf
from token_payments.hosts import host, list_name_relations
from token_payments.hosts.base import User
from token_payments.l10n.dates import last_day
from token_payments.l10n.formats import format_day, format_signed
from token_payments.models import EntryKind, LedgerEntry, Redemption, TokenTransfer
from token_payments.wallets.queries import StatementLine


@dataclass(frozen=True)
class EntryLine:
    """An entry as its reader may see it: what isn't told is empty.

    ``balance`` is the wallet's after it; None where that isn't asked. It takes no query for an
    entry that was loaded with its issue, item, transfer, and people with their names.
    """

    entry: LedgerEntry
    balance: int | None = None
    tells: bool = True
    tells_actor: bool = True

    @property
    def time(self) -> str:
        return str(formats.date_format(self._local_time, "DATETIME_FORMAT"))

    @property
    def hour(self) -> str:
        return str(formats.time_format(self._local_time, "H:i"))

    @property
    def expiry(self) -> str:
        return describe_expiry(self.entry.issue.expires_at)

    @property
    def what(self) -> str:
        return describe_what(self.entry)

    @property
    def tokens(self) -> str:
        return format_signed(self.entry.amount)

    @property
    def course(self) -> str:
        item = self.entry.redemption.item if self.entry.redemption else None
        return str(item.title or item.item_key) if item else ""

    @property
    def redemption(self) -> Redemption | None:
        return self.entry.redemption if self.tells else None

    @property
    def learner(self) -> str:
        return host.get_full_name(self.redemption.learner) if self.redemption else ""

    @property
    def actor(self) -> str:
        actor = self.entry.actor if self.tells_actor else None
        return host.get_full_name(actor) if actor else ""

    @property
    def reason(self) -> str:
        return self.entry.reason if self.tells else ""

    @property
    def _local_time(self) -> datetime:
        return timezone.localtime(self.entry.created_at, conf.time_zone())


def describe_lines(
    lines: Iterable[StatementLine], *, reader: User | None = None
) -> Iterator[EntryLine]:
    """Each line with all that it tells, or with the names and reasons that concern ``reader``."""
    for line in lines:
        entry, redemption = line.entry, line.entry.redemption
        is_own = reader is not None and redemption is not None and redemption.learner == reader
        tells = reader is None or is_own
        did_it = reader is not None and entry.actor_id == reader.pk
        yield EntryLine(entry, line.balance, tells=tells, tells_actor=tells or did_it)


def list_people() -> list[str]:
    """The relations to load with each entry so that naming its people takes no query."""
    return [*list_name_relations("actor"), *list_name_relations("redemption__learner")]


def describe_expiry(expires_at: datetime | None) -> str:
    """For the middle of a sentence, e.g. expires 21 November 2026."""
    if expires_at is None:
        return gettext("never expires")
    return gettext("expires %(day)s") % {"day": format_day(last_day(expires_at))}


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
