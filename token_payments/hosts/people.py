"""Finding a user by an entered name or address, and never one whose name only looks the same.

Databases compare more loosely than people do: to MySQL é is e, to PostgreSQL's UPPER the dotless ı
is I. Anybody can own such an address, so what they find is looked at again.
"""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest

from token_payments.hosts import host
from token_payments.hosts.base import User

CANDIDATES = 20  # that a database may take for the same; more would be odd


def list_by_address(text: str) -> list[User]:
    """The users with this e-mail address, active or not; only A to Z have two cases."""
    users = get_user_model()._default_manager.filter(email__iexact=text)
    return [user for user in users.order_by("pk")[:CANDIDATES] if _is_same(user.email, text)]


def list_by_user_name(text: str) -> list[User]:
    """The user with this user name, active or not; in other capitals if the database says so."""
    name = get_user_model().USERNAME_FIELD
    users = get_user_model()._default_manager.filter(**{name: text})
    return [user for user in users[:CANDIDATES] if _is_same(user.get_username(), text)]


def get_user(request: HttpRequest) -> User:
    """The signed-in person who sent the request. Raises PermissionDenied for a visitor."""
    if not request.user.is_authenticated:
        raise PermissionDenied
    return request.user


def find_person(text: str) -> User | None:
    """The active user with this e-mail address, or this user name; None when there isn't one.

    What has an @ is an address: a user name may have one on some sites, and mustn't stand for
    somebody else's address. Only users with a confirmed one count: anybody can sign up with
    somebody else's.
    """
    users = list_by_address(text) if "@" in text else list_by_user_name(text)
    found = [user for user in users if user.is_active]
    return found[0] if len(found) == 1 else None


def list_name_fields(prefix: str = "") -> list[str]:
    """The fields in which a person's name or address is looked for, behind ``prefix``."""
    return [prefix + field for field in ("username", "email", *host.name_fields)]


def match_people(text: str, *, prefix: str = "", lookup: str = "icontains") -> Q:
    """Users of whose name or address ``text`` is a part."""
    matches = Q()
    for field in list_name_fields(prefix):
        matches |= Q(**{f"{field}__{lookup}": text})
    return matches


def _is_same(stored: str, entered: str) -> bool:
    return stored.encode().lower() == entered.encode().lower()  # of bytes: A to Z alone
