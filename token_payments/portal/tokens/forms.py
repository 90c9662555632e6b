"""Forms of the members' pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from token_payments.errors import TooManyMisses
from token_payments.hosts.base import User
from token_payments.models import AccountRole
from token_payments.presenters.once import OnceForm
from token_payments.presenters.refusals import Audience, describe_refusal
from token_payments.throttling import look_up_person

ID_DIGITS = 18  # more than any key has, less than a database can't take
MAX_TEXT = 40_000  # characters that may be pasted
UNKNOWN_PERSON = _(
    "Nobody could be added with this address or name. Check the spelling; the person must have "
    "signed up on this site and confirmed the e-mail address."
)


class PageForm(forms.Form):
    """A form whose fields say, for those who can't see it, which help and error are theirs.

    ``error_texts`` are told instead of Django's, by the field and the error's code.
    """

    use_required_attribute = False
    error_texts: ClassVar[Mapping[str, Mapping[str, Any]]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "tp-%s")
        super().__init__(*args, **kwargs)
        for name, texts in self.error_texts.items():
            self.fields[name].error_messages.update(texts)
        for field in self.fields.values():
            if isinstance(field.widget, forms.TextInput | forms.Textarea | forms.Select):
                field.widget.attrs.setdefault("class", "tp-input")

    def tie_errors(self) -> None:
        for field in self:
            described = [f"{field.id_for_label}-help"] if field.help_text else []
            if field.errors:
                described.append(f"{field.id_for_label}-error")
                field.field.widget.attrs["aria-invalid"] = "true"
            if described:
                field.field.widget.attrs["aria-describedby"] = " ".join(described)

    def list_errors(self) -> list[tuple[str, str]]:
        """Every error with the id of the field that it is about."""
        self.tie_errors()
        return [
            (self[name].id_for_label if name in self.fields else "", str(sentence))
            for name, sentences in self.errors.items()
            for sentence in sentences
        ]


class PersonForm(PageForm):
    """Somebody who is to belong to an account, or to help with an order: see ``find``."""

    who = forms.CharField(
        label=_("E-mail address or user name"),
        max_length=254,
        help_text=_("The person must have signed up on this site already."),
        error_messages={"required": _("Enter the person's e-mail address or user name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def find(self, request: HttpRequest) -> User | None:
        """The person whom a valid form names; a person who isn't found is told at the field."""
        try:
            person = look_up_person(request, self.cleaned_data["who"])
        except TooManyMisses as error:
            self.add_error("who", describe_refusal(error, audience=Audience.CUSTOMER).text)
            return None
        if person is None:
            self.add_error("who", UNKNOWN_PERSON)
        return person


class AddMemberForm(PersonForm):
    role = forms.ChoiceField(
        label=_("Role"),
        choices=AccountRole.choices,
        initial=AccountRole.MEMBER,
    )


class PeopleForm(PageForm):
    """A course with its price, and the people to pay for.

    ``choices`` are groups of (value, label); cleans ``names`` to what was pasted, each part once.
    """

    price = forms.ChoiceField(
        label=_("Course"),
        error_messages={
            "required": _("Choose a course."),
            "invalid_choice": _("This course can't be paid for with these tokens any more."),
        },
    )
    names = forms.CharField(
        label=_("Paste e-mail addresses or user names"),
        required=False,
        max_length=MAX_TEXT,
        help_text=_("Between spaces, commas, semicolons or on lines of their own."),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, choices: Sequence[Any], limit: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["price"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Choose a course")), *choices]
        self.limit = limit

    @property
    def user_ids(self) -> list[int]:
        """Those who were ticked."""
        data: Any = self.data
        return read_ids(data.getlist("person")) if self.is_bound else []

    def clean_names(self) -> list[str]:
        return split_names(self.cleaned_data["names"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "names" in data:
            count = len(data["names"]) + len(self.user_ids)
            if not count:
                self.add_error(
                    "names", _("Choose who to pay for: tick members or paste addresses.")
                )
            elif count > self.limit:
                text = _("At most %(limit)s people at a time; these are %(count)s. Take fewer.")
                self.add_error("names", text % {"limit": self.limit, "count": count})
        return data


class PayForm(OnceForm):
    """The agreed price and people, which the preview carries on."""

    price = forms.RegexField(rf"^[0-9]{{1,{ID_DIGITS}}}:[0-9]{{1,{ID_DIGITS}}}$")
    tokens = forms.IntegerField(min_value=1, max_value=2**31 - 1)


def split_names(text: str) -> list[str]:
    """The addresses and names of a pasted text, each once; ``Jane Doe <jane@example.com>`` too."""
    names: dict[str, str] = {}
    for line in text.replace(";", "\n").replace(",", "\n").splitlines():
        _before, bracket, after = line.partition("<")
        for name in (after.partition(">")[0] if bracket else line).split():
            names.setdefault(name.lower(), name)
    return list(names.values())


def read_ids(values: Iterable[str]) -> list[int]:
    """The keys among texts that anybody may have sent, each once."""
    is_id = (value for value in values if value.isascii() and value.isdecimal())
    return list(dict.fromkeys(int(value) for value in is_id if len(value) <= ID_DIGITS))
