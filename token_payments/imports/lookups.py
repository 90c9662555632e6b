"""Look-ups for many rows at once: accounts, token types and people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models.functions import Lower
from django.utils.translation import gettext

from token_payments.hosts.base import User
from token_payments.imports.cells import shorten
from token_payments.imports.verdicts import RowRefused
from token_payments.models import Account, TokenType


class AccountLookUp:
    """Accounts by their customer number or name; two queries for each ``look_up``."""

    def __init__(self) -> None:
        self.by_reference: dict[str, Account] = {}
        self.by_name: dict[str, Account] = {}

    def look_up(self, references: Collection[str], names: Collection[str]) -> None:
        """Read those with these numbers or names afresh, forgetting all others."""
        found = [
            *Account.objects.filter(reference__in=set(references)),
            *Account.objects.filter(name__in=set(names)),
        ]
        self.by_reference = {row.reference: row for row in found if row.reference}
        self.by_name = {_fold(row.name): row for row in found}

    def find_by_name(self, name: str) -> Account | None:
        """Capitals don't matter where they don't to the database, which then let only one in."""
        return self.by_name.get(_fold(name))

    def find(self, text: str, *, column: str = "account") -> Account:
        """The one account with this number or name. Raises RowRefused."""
        numbered, named = self.by_reference.get(text), self.find_by_name(text)
        if numbered and named and numbered.pk != named.pk:
            refusal = gettext(
                "“%(text)s” is the number of “%(numbered)s” and the name of another account: write "
                "the other one's number."
            )
            raise RowRefused(column, refusal % {"text": shorten(text), "numbered": numbered})
        found = numbered or named
        if found is None:
            refusal = gettext("No account has the name or customer number “%(text)s”.")
            raise RowRefused(column, refusal % {"text": shorten(text)})
        return found


class Types:
    """All token types, by name; one query for each ``look_up``."""

    def __init__(self) -> None:
        self.by_name: dict[str, TokenType] = {}

    def look_up(self) -> None:
        self.by_name = {row.name: row for row in TokenType.objects.all()}

    def find(self, text: str) -> TokenType:
        """The type with this name, in any capitals if only one has it. Raises RowRefused."""
        if text in self.by_name:
            return self.by_name[text]
        alike = [row for name, row in self.by_name.items() if _fold(name) == _fold(text)]
        if len(alike) == 1:
            return alike[0]
        near = get_close_matches(text, self.by_name, n=1)
        if near:
            refusal = gettext("There is no token type “%(text)s”: did you mean “%(near)s”?")
            raise RowRefused("token_type", refusal % {"text": shorten(text), "near": near[0]})
        refusal = gettext("There is no token type “%(text)s”. There are: %(types)s.")
        names = ", ".join(self.by_name) or gettext("none")
        raise RowRefused("token_type", refusal % {"text": shorten(text), "types": shorten(names)})


class People:
    """Users by user name or e-mail address; three queries for each ``look_up``, at most."""

    def __init__(self) -> None:
        self.by_text: dict[str, list[User]] = {}

    def look_up(self, texts: Iterable[str]) -> None:
        wanted = {text.lower(): text for text in texts}
        users: Any = get_user_model()._default_manager.all()
        field = get_user_model().USERNAME_FIELD
        found = [*users.filter(**{f"{field}__in": set(wanted.values())})]
        addresses = {key for key in wanted if "@" in key}
        found += users.filter(email__in=addresses | {wanted[key] for key in addresses})
        # some databases tell capitals apart: only for who isn't found yet, as no index serves it
        missing = addresses - {user.email.lower() for user in found}
        if missing:
            lowered = users.annotate(lowered_email=Lower("email"))
            found += lowered.filter(lowered_email__in=missing)
        self.by_text = _sort_by_text({user.pk: user for user in found}, wanted)

    def find(self, text: str) -> User:
        """The one active user with this user name or address; capitals only decide between two.

        Raises RowRefused.
        """
        found = self.by_text.get(text, [])
        if len(found) > 1:
            found = [each for each in found if text in (each.get_username(), each.email)] or found
        if not found:
            refusal = gettext("Nobody has the user name or e-mail address “%(text)s”.")
        elif len(found) > 1:
            refusal = gettext(
                "More than one user has this e-mail address: enter the user name instead."
            )
        elif not found[0].is_active:
            refusal = gettext("The account of “%(text)s” is not active.")
        else:
            return found[0]
        raise RowRefused("user", refusal % {"text": shorten(text)})


def _sort_by_text(users: Mapping[int, User], wanted: Mapping[str, str]) -> dict[str, list[User]]:
    """By what was entered: databases compare more loosely than people do, so only A to Z fold."""
    by_key: dict[bytes, dict[int, User]] = defaultdict(dict)
    for user in users.values():
        for text in (user.get_username(), user.email):
            by_key[text.encode().lower()][user.pk] = user
    return {text: list(by_key[text.encode().lower()].values()) for text in wanted.values()}


def _fold(text: str) -> str:
    return text.casefold()
