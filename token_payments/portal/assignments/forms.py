"""Forms of an order's pages about learners."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from token_payments.assignments import queries as assignment_queries
from token_payments.errors import ListUnreadable
from token_payments.imports.recipients import MAX_LIST_BYTES, read_file, read_text
from token_payments.portal.tokens.forms import PageForm
from token_payments.presenters.once import OnceForm
from token_payments.presenters.refusals import Audience, describe_refusal

MAX_CARRIED = 2_000_000  # bytes that a preview may carry on: Django takes 2.5 MB of fields
INPUT = {"autocomplete": "off"}
ALONE, ANYBODY = "", "1"


def make_choice() -> forms.ChoiceField:
    """The field that says who may use a token that is given to an address."""
    return forms.ChoiceField(
        label=_("Who can use the token?"),
        required=False,
        choices=[
            (ALONE, _("Only the person with this e-mail address")),
            (ANYBODY, _("Whoever has the code")),
        ],
        widget=forms.RadioSelect(attrs={"class": "tp-radio"}),
    )


class RecipientForm(PageForm):
    """The person who gets a token."""

    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=assignment_queries.MAX_NAME,
        widget=forms.TextInput(attrs=INPUT),
    )
    email = forms.CharField(
        label=_("E-mail address"),
        max_length=assignment_queries.MAX_EMAIL,
        error_messages={"required": _("Enter the e-mail address of whoever gets the token.")},
        widget=forms.TextInput(attrs={**INPUT, "type": "email", "inputmode": "email"}),
    )
    is_open = make_choice()


class ListForm(RecipientForm):
    """One person, a pasted list, or a file; cleans to ``rows``."""

    field_order = ("name", "email", "pasted", "file", "is_open")

    pasted = forms.CharField(
        label=_("Names and e-mail addresses"),
        required=False,
        help_text=_("One person on each line: a name and an address, or the address alone."),
        widget=forms.Textarea(attrs={**INPUT, "rows": 5, "spellcheck": "false"}),
    )
    file = forms.FileField(
        label=_("File"),
        required=False,
        allow_empty_file=True,
        max_length=255,
        help_text=_("CSV or XLSX, with one column of names and one of addresses."),
        widget=forms.FileInput(
            attrs={"class": "tp-input", "accept": ".csv,.txt,.tsv,.xlsx,text/csv"}
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].required = False

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors:
            data["rows"] = self._read(data)
        return data

    def _read(self, data: dict[str, Any]) -> Sequence[assignment_queries.Row]:
        given = [name for name in ("email", "pasted", "file") if data.get(name) not in (None, "")]
        if not given:
            self.add_error("email", _("Enter an address, paste a list, or choose a file."))
        elif len(given) > 1:
            self.add_error(given[1], _("Use one way at a time: leave the others empty."))
        else:
            try:
                return _read_rows(given[0], data)
            except ListUnreadable as error:
                told = describe_refusal(error, audience=Audience.CUSTOMER)
                self.add_error(given[0], told.text)
        return []


class ConfirmForm(OnceForm):
    """The rows that get a token, which a preview carries on."""

    rows = forms.CharField()
    is_open = make_choice()

    def clean_rows(self) -> list[assignment_queries.Row]:
        """Raises ValidationError for what no preview carries."""
        try:
            rows = unpack_rows(self.cleaned_data["rows"])
        except (ValueError, csv.Error) as error:
            raise forms.ValidationError("rows") from error
        if not 1 <= len(rows) <= assignment_queries.MAX_RECIPIENTS:
            raise forms.ValidationError("rows")
        return rows


class ReassignForm(OnceForm, RecipientForm):
    """The person who gets the token instead."""


class SearchForm(PageForm):
    """Which learners to show; ``after`` and ``before`` turn the pages of what was found."""

    text = forms.CharField(
        label=_("Name or e-mail address"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs=INPUT),
    )
    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=assignment_queries.AssignmentShow.choices,
    )

    def get_filter(self) -> dict[str, Any]:
        """The valid part, as assignment_queries.list_assignments takes it."""
        self.tie_errors()
        data = self.cleaned_data if self.is_valid() else getattr(self, "cleaned_data", {})
        return {
            "show": assignment_queries.AssignmentShow(data.get("show", "")),
            "text": data.get("text", ""),
        }


def pack_rows(rows: Sequence[assignment_queries.Row]) -> str:
    """The rows as lines of name and address, as people may paste them, and for ``unpack_rows``."""
    lines = io.StringIO()
    csv.writer(lines).writerows([row.name, row.email] if row.name else [row.email] for row in rows)
    return lines.getvalue()


def unpack_rows(text: str) -> list[assignment_queries.Row]:
    """Raises ValueError and csv.Error for what ``pack_rows`` didn't write."""
    rows: list[assignment_queries.Row] = []
    for line, cells in enumerate(csv.reader(io.StringIO(text)), start=1):
        name, email = cells if len(cells) > 1 else ("", *cells)
        rows += assignment_queries.read_one(name, email, line=line)
    return rows


def _read_rows(source: str, data: dict[str, Any]) -> list[assignment_queries.Row]:
    """Raises ListUnreadable."""
    if source == "pasted":
        return read_text(data["pasted"])
    if source == "email":
        return assignment_queries.read_one(data["name"], data["email"])
    file: UploadedFile = data["file"]
    if (file.size or 0) > MAX_LIST_BYTES:
        raise ListUnreadable("too_big")
    return read_file(file.read())
