"""People and accounts in text fields, with suggestions: there may be thousands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.hosts import host
from token_payments.hosts.base import User
from token_payments.hosts.people import list_by_address, list_by_user_name, match_people
from token_payments.models import Account


class AccountField(forms.CharField):
    """An account, entered by its name or customer number. Cleans to the account."""

    def clean(self, value: Any) -> Account | None:
        text = super().clean(value)
        if not text:
            return None
        accounts = Account.objects.all()
        found = accounts.filter(name=text).first() or accounts.filter(reference=text).first()
        if found is None:
            raise forms.ValidationError(
                _("No account has the name or customer number “%(text)s”."), params={"text": text}
            )
        return found


def suggest_accounts(text: str, *, limit: int = 10) -> list[tuple[str, str]]:
    """(name, customer number or name) of accounts of which ``text`` is a part of either."""
    found = Account.objects.filter(Q(name__icontains=text) | Q(reference__icontains=text))
    return [(row.name, row.reference or row.name) for row in found.order_by("name")[:limit]]


MIN_LENGTH = 2


def read_text(request: HttpRequest) -> str:
    """The text typed so far; empty while it is too short to look anything up."""
    text = request.GET.get("q", "").replace("\0", "").strip()
    return text if len(text) >= MIN_LENGTH else ""


def answer(options: Sequence[tuple[str, str]]) -> JsonResponse:
    """The (value, label) pairs as ``{"options": [{"value": ..., "label": ...}]}``."""
    return JsonResponse({"options": [{"value": value, "label": label} for value, label in options]})


def suggest_people(text: str, *, limit: int = 10) -> list[tuple[str, str]]:
    """(user name, full name and address) of active users; ``text`` begins one of their names.

    Beginnings only: an LMS has millions of users, and its indexes serve no other search.
    """
    users: QuerySet[Any] = get_user_model()._default_manager.filter(is_active=True)
    found = users.filter(match_people(text, lookup="istartswith")).order_by("username")
    return [
        (user.get_username(), f"{host.get_full_name(user)} · {user.email}")
        for user in found.select_related(*host.name_relations)[:limit]
    ]


class PersonField(forms.CharField):
    """A user, entered by user name or e-mail address. Cleans to the user."""

    def clean(self, value: Any) -> User | None:
        text = super().clean(value)
        return _get_person(text) if text else None


def find_person(text: str) -> User | None:
    """The user with this name or address. Raises ValidationError when there are several."""
    users = [*list_by_user_name(text), *list_by_address(text)]
    found = {user.pk: user for user in users}
    if len(found) > 1:
        raise forms.ValidationError(
            gettext("More than one user has this e-mail address: enter the user name instead.")
        )
    return next(iter(found.values()), None)


def _get_person(text: str) -> User:
    person = find_person(text)
    if person is None:
        raise forms.ValidationError(
            _("Nobody has the user name or e-mail address “%(text)s”."), params={"text": text}
        )
    if not person.is_active:
        raise forms.ValidationError(
            _("The account of “%(text)s” is not active."), params={"text": text}
        )
    return person
