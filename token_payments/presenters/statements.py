"""A wallet's statement: what it is filtered by, its forecast, and its file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from token_payments import conf
from token_payments.l10n.dates import end_of_day, last_day, start_of_day
from token_payments.models import EntryKind, Wallet
from token_payments.presenters.forecasts import describe_forecast
from token_payments.presenters.ledger_lines import EntryLine, list_people
from token_payments.wallets.queries import StatementFilter, list_forecasts

DAYS = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2199, 12, 31))]
BATCH = 1000  # lines whose people are looked up at once


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class StatementForm(forms.Form):
    """The days are local ones, both included. What is filled in wrongly filters nothing."""

    kind = forms.ChoiceField(
        label=_("What"), required=False, choices=[("", _("Everything")), *EntryKind.choices]
    )
    since = forms.DateField(label=_("From"), required=False, widget=DayInput, validators=DAYS)
    until = forms.DateField(label=_("To"), required=False, widget=DayInput, validators=DAYS)
    text = forms.CharField(label=_("Name, course or reason"), required=False, max_length=200)

    def get_filter(self) -> StatementFilter:
        self.is_valid()
        given: dict[str, Any] = self.cleaned_data
        since, until = given.get("since"), given.get("until")
        return StatementFilter(
            kinds=[given["kind"]] if given.get("kind") else [],
            since=start_of_day(since) if since else None,
            until=end_of_day(until) if until else None,
            text=given.get("text", ""),
        )


def foresee(wallet: Wallet, now: datetime) -> str:
    """The forecast of unused tokens; empty where nothing is there, or can be spent."""
    wanted = [] if wallet.account.is_frozen else [wallet.pk]
    forecast = list_forecasts(wanted, now).get(wallet.pk)
    return describe_forecast(forecast, wallet.token_type) if forecast else ""


# --- The file -------------------------------------------------------------------------------------
# What came and what went have columns of their own: a minus sign would make a spreadsheet take the
# number for a formula.
def write_rows(lines: Iterable[EntryLine], columns: Sequence[str]) -> Iterator[list[str]]:
    """The cells with their headings, as ``lines`` come; memory stays that of one batch."""
    chosen = [COLUMNS[name] for name in columns]
    yield [str(heading) for heading, _write in chosen]
    waiting = iter(lines)
    while batch := list(islice(waiting, BATCH)):
        prefetch_related_objects([line.entry for line in batch], *list_people())
        for line in batch:
            yield [write(line) for _heading, write in chosen]


def _write_time(line: EntryLine) -> str:
    """Local, with what it is apart from UTC."""
    local = line.entry.created_at.astimezone(conf.time_zone())
    return local.isoformat(sep=" ", timespec="seconds")


def _write_expiry(line: EntryLine) -> str:
    expires_at = line.entry.issue.expires_at
    return last_day(expires_at).isoformat() if expires_at else ""


def _write_user_name(line: EntryLine) -> str:
    return line.redemption.learner.get_username() if line.redemption else ""


def _write_actor(line: EntryLine) -> str:
    return line.entry.actor.get_username() if line.actor and line.entry.actor else ""


#: By name: the heading, and the cell of a line.
COLUMNS: dict[str, tuple[Any, Callable[[EntryLine], str]]] = {
    "time": (_("Time"), lambda line: _write_time(line)[:19]),
    "time_in_full": (_("Time"), _write_time),
    "zone": (_("Time zone"), lambda _line: conf.time_zone().key),
    "what": (_("What"), lambda line: line.what),
    "in": (_("Tokens in"), lambda line: str(max(line.entry.amount, 0) or "")),
    "out": (_("Tokens out"), lambda line: str(max(-line.entry.amount, 0) or "")),
    "balance": (_("Balance after"), lambda line: str(line.balance)),
    "issue": (_("Issue"), lambda line: str(line.entry.issue_id)),
    "expiry": (_("Issue expires"), _write_expiry),
    "course": (_("Course"), lambda line: line.course),
    "course_key": (
        _("Course key"),
        lambda line: line.entry.redemption.item.item_key if line.entry.redemption else "",
    ),
    "learner": (_("Learner"), lambda line: line.learner),
    "learner_user_name": (_("Learner"), _write_user_name),
    "email": (
        _("E-mail"),
        lambda line: line.redemption.learner.email if line.redemption else "",
    ),
    "actor": (_("By"), lambda line: line.actor or (str(_("the system")))),
    "actor_user_name": (_("By"), _write_actor),
    "reason": (_("Reason"), lambda line: line.reason),
}
#: The columns of staff's file, and of the file of an account's members.
STAFF = (
    *("time", "zone", "what", "in", "out", "balance", "issue", "expiry", "actor", "reason"),
    *("course", "learner", "email"),
)
MEMBERS = (
    *("time_in_full", "what", "in", "out", "balance", "course", "course_key"),
    *("learner_user_name", "email", "actor_user_name", "reason"),
)
