"""Ledger entries as the visitor may read them, on the page and in the CSV file."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils import formats, timezone
from django.utils.translation import gettext

from token_payments import conf
from token_payments.hosts import host
from token_payments.hosts.base import User
from token_payments.l10n.formats import format_signed
from token_payments.models import LedgerEntry
from token_payments.presenters.ledger_lines import describe_what
from token_payments.wallets.queries import StatementLine


@dataclass(frozen=True)
class EntryRow:
    """One entry: names and reason are empty where the visitor may not know them.

    ``receipt`` is what a link may lead to; None when the visitor may not open it.
    """

    entry: LedgerEntry
    balance: int
    course: str
    learner: str
    actor: str
    reason: str
    receipt: uuid.UUID | None

    @property
    def kind(self) -> str:
        return describe_what(self.entry)

    @property
    def amount(self) -> str:
        """With its sign; a dash for an entry that moves no tokens."""
        return format_signed(self.entry.amount) if self.entry.amount else "–"

    @property
    def day(self) -> datetime:
        return self.entry.created_at

    @property
    def time(self) -> str:
        local = timezone.localtime(self.entry.created_at, conf.time_zone())
        return str(formats.time_format(local, "H:i"))


def describe(
    request: HttpRequest, lines: Iterable[StatementLine], *, all_names: bool
) -> list[EntryRow]:
    """Rows for the page; without ``all_names`` only the visitor's own name and reasons are told."""
    rows = []
    for line in lines:
        entry, redemption = line.entry, line.entry.redemption
        learner = redemption.learner if redemption else None
        tells = all_names or learner == request.user
        rows.append(
            EntryRow(
                entry=entry,
                balance=line.balance,
                course=str(redemption.item.title or redemption.item.item_key) if redemption else "",
                learner=_name(learner, tells),
                actor=_name(entry.actor, tells or entry.actor_id == request.user.pk),
                reason=entry.reason if tells else "",
                receipt=redemption.uuid if redemption and tells else None,
            )
        )
    return rows


def write_rows(
    request: HttpRequest, lines: Iterable[StatementLine], *, all_names: bool
) -> Iterator[list[str]]:
    """The CSV file's cells, with the same rules; tokens that came and went in columns of their own.

    A minus sign would make a spreadsheet take the number for a formula.
    """
    yield [
        gettext("Time"),
        gettext("What"),
        gettext("Tokens in"),
        gettext("Tokens out"),
        gettext("Balance after"),
        gettext("Course"),
        gettext("Course key"),
        gettext("Learner"),
        gettext("E-mail"),
        gettext("By"),
        gettext("Reason"),
    ]
    for line in lines:
        entry, redemption = line.entry, line.entry.redemption
        learner = redemption.learner if redemption else None
        tells = all_names or learner == request.user
        local = timezone.localtime(entry.created_at, conf.time_zone())
        yield [
            local.isoformat(sep=" ", timespec="seconds"),
            describe_what(entry),
            str(entry.amount) if entry.amount > 0 else "",
            str(-entry.amount) if entry.amount < 0 else "",
            str(line.balance),
            redemption.item.title if redemption else "",
            redemption.item.item_key if redemption else "",
            learner.get_username() if learner and tells else "",
            learner.email if learner and tells else "",
            _write_actor(entry, tells or entry.actor_id == request.user.pk),
            entry.reason if tells else "",
        ]


def _name(user: User | None, tells: bool) -> str:
    return host.get_full_name(user) if user is not None and tells else ""


def _write_actor(entry: LedgerEntry, tells: bool) -> str:
    return entry.actor.get_username() if entry.actor and tells else ""
