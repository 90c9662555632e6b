"""What a statement is filtered by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from token_payments.l10n.dates import end_of_day, start_of_day
from token_payments.models import EntryKind
from token_payments.wallets import queries as wallet_queries


class StatementForm(forms.Form):
    """The days are local ones, both included. What is filled in wrongly filters nothing."""

    kind = forms.ChoiceField(
        label=_("What"), required=False, choices=[("", _("All")), *EntryKind.choices]
    )
    since = forms.DateField(
        label=_("From"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=_("To"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    text = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=200,
        help_text=_("Reason, reference of the issue, learner or course"),
    )

    def clean_since(self) -> datetime | None:
        """The instant at which the first day begins."""
        return self._find_instant("since", start_of_day)

    def clean_until(self) -> datetime | None:
        """The instant at which the last day is over."""
        return self._find_instant("until", end_of_day)

    def get_filter(self) -> wallet_queries.StatementFilter:
        self.is_valid()
        given: dict[str, Any] = self.cleaned_data
        kind = given.get("kind")
        return wallet_queries.StatementFilter(
            kinds=[kind] if kind else [],
            since=given.get("since"),
            until=given.get("until"),
            text=given.get("text", ""),
        )

    def _find_instant(self, name: str, convert: Callable[[date], datetime]) -> datetime | None:
        day: date | None = self.cleaned_data[name]
        if day is None:
            return None
        try:
            return convert(day)
        except OverflowError as error:
            raise forms.ValidationError(_("Choose another day.")) from error
