"""Users, as the admin looks for them and has the host name them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.hosts import host
from token_payments.hosts.base import User
from token_payments.hosts.people import list_by_address, list_by_user_name, match_people


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
