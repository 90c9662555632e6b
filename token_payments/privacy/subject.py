"""The data subject: the person's names, and how they are found in texts.

Anybody can call themselves like somebody else, or like a thing. So addresses and user names, which
one account alone can have, are looked for everywhere; full names, and user names that are plain
words, only ``near``: in texts about orders and accounts that the person has to do with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q

from token_payments.assignments.models import CodeAssignment, OrderDelegate
from token_payments.assignments.rows import read_one
from token_payments.bulk.models import BulkRow
from token_payments.checkout.models import Redemption
from token_payments.hosts import host
from token_payments.hosts.base import Names, User
from token_payments.orders.models import TokenOrder
from token_payments.outbox.notices import digest_address
from token_payments.wallets.models import AccountMember

REMOVED = "[removed]"
REMOVED_EMAIL = "removed@retired.invalid"
MIN_NAME = 4  # letters of a name that is one word
MIN_RUN = 3  # letters that a database is asked for; shorter ones are in too many texts


@dataclass(frozen=True)
class Subject:
    """A person; ``user_id`` is None for one who is known by ``addresses`` (lower case) alone.

    ``order_ids`` and ``account_ids`` are what the person has, or had, to do with.
    """

    user_id: int | None
    user_names: tuple[str, ...] = ()
    full_names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    order_ids: frozenset[int] = frozenset()
    account_ids: frozenset[int] = frozenset()

    @property
    def digests(self) -> list[str]:
        return [digest_address(address) for address in self.addresses]

    def redact(self, text: str, *, near: bool) -> str:
        """The text without the person's names and addresses; the same text when it has none."""
        if text.strip() in self.user_names:
            return REMOVED
        pattern = self._near if near else self._far
        return pattern.sub(REMOVED, text) if pattern else text

    def filter_in(self, column: str, *, near: bool) -> Q:
        """Rows whose column may have one of them: as far as a database can tell."""
        found = Q(pk__in=[])
        for name in self.user_names:
            found |= Q(**{f"{column}__iexact": name})
        for term in self._near_terms if near else self._far_terms:
            for part in _list_probes(term):
                found |= Q(**{f"{column}__icontains": part})
        return found

    @cached_property
    def _far_terms(self) -> Sequence[str]:
        return [*self.addresses, *filter(is_distinctive, self.user_names)]

    @cached_property
    def _near_terms(self) -> Sequence[str]:
        names = [*self.user_names, *self.full_names]
        named = [name for name in names if " " in name or len(name) >= MIN_NAME]
        return [*self.addresses, *(name for name in named if not name.isdigit())]

    @cached_property
    def _far(self) -> re.Pattern[str] | None:
        return _compile(self._far_terms)

    @cached_property
    def _near(self) -> re.Pattern[str] | None:
        return _compile(self._near_terms)


def identify(
    user: User | None, *, addresses: Iterable[str] = (), names: Iterable[str] = ()
) -> Subject:
    """The person whom a user of the host, or only addresses, stand for.

    With all names that the host knows, and further full ``names``. Raises ValueError if no person
    is named.
    """
    told = Names() if user is None else host.list_names(user)
    mine = (text.strip().lower() for text in (*told.addresses, *addresses))
    known = tuple(dict.fromkeys(text for text in mine if text))
    if user is None and not known:
        raise ValueError("nobody")
    full_names = [*told.full_names, *names]
    user_id = None if user is None else int(user.pk)
    return Subject(
        user_id=user_id,
        user_names=_tidy(told.user_names),
        full_names=_tidy([*full_names, *_turn(full_names)]),
        addresses=known,
        order_ids=frozenset(_list_orders(user_id, known)),
        account_ids=frozenset(_list_accounts(user_id)),
    )


def list_assigned(addresses: Iterable[str]) -> list[CodeAssignment]:
    """Assignments to these very addresses: databases find others that only look the same."""
    wanted = list(addresses)
    rows = CodeAssignment.objects.filter(email__in=wanted).select_related("code").order_by("pk")
    return [row for row in rows if row.email.lower() in wanted]


def list_job_rows(subject: Subject) -> list[BulkRow]:
    """Rows of jobs that name the subject, in whatever case, or whose payment was for them.

    An address may have around it what assigning takes no notice of, as in ``<ann@example.com>``.
    """
    wanted = {name.lower() for name in (*subject.addresses, *subject.user_names)}
    found = Q(pk__in=[])
    for name in subject.user_names:
        found |= Q(entered__iexact=name)
    for address in subject.addresses:
        found |= Q(entered__icontains=address)
    rows = [
        row
        for row in BulkRow.objects.filter(found)
        if row.entered.lower() in wanted or read_one("", row.entered)[0].email in wanted
    ]
    if subject.user_id is not None:
        paid = BulkRow.objects.filter(redemption__learner=subject.user_id)
        rows += paid.exclude(pk__in=[row.pk for row in rows]).exclude(entered=REMOVED)
    return sorted(rows, key=lambda row: row.pk)


def is_distinctive(name: str) -> bool:
    """Whether a name means somebody wherever it stands: ``amara.o`` does, ``amara`` need not.

    Nor does a number, or what is shorter than MIN_NAME.
    """
    if len(name) < MIN_NAME or not any(character.isalpha() for character in name):
        return False
    has_inner_capital = name[1:] != name[1:].lower() and name != name.upper()
    return not name.isalpha() or has_inner_capital


def _list_orders(user_id: int | None, addresses: Sequence[str]) -> list[int]:
    """Orders that the person bought or helped with, or had a code of."""
    found = {row.code.order_id for row in list_assigned(addresses)}
    if user_id is not None:
        bought = TokenOrder.objects.filter(buyer=user_id).values_list("pk", flat=True)
        helped = OrderDelegate.objects.filter(user=user_id).values_list("order", flat=True)
        codes = Redemption.objects.filter(learner=user_id, code__isnull=False)
        found.update(bought, helped, codes.values_list("code__order", flat=True))
    return sorted(found)


def _list_accounts(user_id: int | None) -> list[int]:
    """Accounts that the person is or was in, or ordered or paid from."""
    if user_id is None:
        return []
    found: set[int] = set()
    history = AccountMember.history.model.objects
    found.update(history.filter(user=user_id).values_list("account", flat=True))
    found.update(AccountMember.objects.filter(user=user_id).values_list("account", flat=True))
    orders = TokenOrder.objects.filter(buyer=user_id, account__isnull=False)
    found.update(orders.values_list("account", flat=True))
    paid = Redemption.objects.filter(learner=user_id, wallet__isnull=False)
    found.update(paid.values_list("wallet__account", flat=True))
    return sorted(found)


def _compile(terms: Sequence[str]) -> re.Pattern[str] | None:
    """Whole words, in any case, with any space between them; the longest first."""
    if not terms:
        return None
    ordered = sorted(terms, key=len, reverse=True)
    found = "|".join(r"\s+".join(map(re.escape, term.split())) for term in ordered)
    return re.compile(rf"(?<!\w)(?:{found})(?!\w)", re.IGNORECASE)


def _tidy(names: Iterable[str]) -> tuple[str, ...]:
    """Without spare spaces and doubles."""
    tidy = (" ".join(name.split()) for name in names)
    return tuple(dict.fromkeys(name for name in tidy if name))


def _turn(names: Iterable[str]) -> list[str]:
    """The same with the last word first, as lists have them."""
    turned = []
    for name in names:
        *first, last = name.split() or [""]
        if first:
            turned += [f"{last} {' '.join(first)}", f"{last}, {' '.join(first)}"]
    return turned


def _list_probes(term: str) -> list[str]:
    """The text to ask a database for: the longest run of plain letters and digits.

    SQLite knows the two cases of A to Z alone; a name in other letters is asked for in four ways.
    """
    runs = re.findall(r"[A-Za-z0-9]+", term)
    longest = max(runs, key=len, default="")
    if len(longest) >= MIN_RUN:
        return [longest]
    word = max(term.split(), key=len)
    return list(dict.fromkeys([word, word.lower(), word.upper(), word.title()]))
