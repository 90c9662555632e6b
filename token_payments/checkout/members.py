"""Paying for several members of an account at once: looked at first, then paid one by one.

Each person's payment is a transaction of its own: what is refused for one stays without effect on
the others, and the same request sent again pays for each person once.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from token_payments import errors
from token_payments.catalogue.models import WALLET_METHOD
from token_payments.catalogue.queries import Offer, get_offer
from token_payments.checkout.models import Redemption
from token_payments.checkout.payment_methods.wallet import may_pay_for_others
from token_payments.checkout.redeeming import redeem
from token_payments.checkout.rules import check_learner, count_seats_left, get_offered_method
from token_payments.hosts import list_name_relations
from token_payments.hosts.base import User
from token_payments.wallets.balances import sum_usable
from token_payments.wallets.models import Account, AccountMember, Wallet

MAX_PEOPLE = 200  # for whom one request may pay

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Person:
    """Somebody who was named: ``entered`` is how, ``learner`` who that is in the account.

    ``reason`` says why there is no learner: not_a_member, also for those whom the site doesn't
    know, or ambiguous.
    """

    entered: str
    learner: User | None = None
    reason: str = ""


@dataclass(frozen=True)
class MembersPreview:
    """A preview of paying for these people; nothing is taken.

    ``people`` are in the order in which they would be paid for; ``reason`` of each is empty, or why
    nothing can be paid for this one. ``tokens`` is the price of one seat.
    """

    offer: Offer
    wallet: Wallet
    people: Sequence[Person]
    tokens: int
    available: int

    @property
    def payable(self) -> list[User]:
        return [one.learner for one in self.people if one.learner and not one.reason]

    @property
    def cost(self) -> int:
        return self.tokens * len(self.payable)

    @property
    def balance_after(self) -> int:
        return self.available - self.cost

    @property
    def missing(self) -> int:
        return max(0, -self.balance_after)


@dataclass(frozen=True)
class MemberResult:
    """The outcome for one member: a redemption, or the ``reason`` why there is none.

    ``reason`` is the one of the error that was raised, or "failed" for a fault that the log
    explains.
    """

    learner: User
    redemption: Redemption | None = None
    reason: str = ""


def get_people(
    account: Account, *, user_ids: Collection[int] = (), names: Sequence[str] = ()
) -> list[Person]:
    """The members of the account with these ids, then those with these names, each person once.

    A name is an e-mail address, if it has an @, or a user name; capitals don't matter. Ids of
    people who aren't members are left out. Two queries, however many people there are.
    """
    wanted: dict[str, str] = {}
    for name in names:
        wanted.setdefault(name.lower(), name)
    people: dict[int | str, Person] = {}
    for person in [*list_people(account, user_ids), *_list_by_name(account, wanted)]:
        key = person.learner.pk if person.learner else person.entered
        people.setdefault(key, person)
    return list(people.values())


def name_people(account: Account, names: Sequence[str]) -> dict[str, Person]:
    """The member of the account whom each name means, by the name as it was entered.

    Several names may mean one person. One query, however many they are.
    """
    wanted = {name.lower(): name for name in names}
    found = {person.entered.lower(): person for person in _list_by_name(account, wanted)}
    return {name: found[name.lower()] for name in names}


def list_people(account: Account, user_ids: Collection[int]) -> list[Person]:
    """The members of the account with these ids, by user name; others are left out."""
    members = _list_members(account).filter(user__in=user_ids).order_by("user__username", "pk")
    return [Person(member.user.get_username(), member.user) for member in members]


def preview_members(
    *, actor: User, wallet: Wallet, item_key: str, people: Sequence[Person], now: datetime
) -> MembersPreview:
    """Check the payment for each of these people as paying would, taking nothing.

    Raises NotAManager, AccountFrozen, TooManyPeople, PaymentRefused when the item can't be paid
    from this wallet by anybody, and ItemNotFound. About seven queries for each person.
    """
    _check_payer(actor, wallet, len(people))
    if wallet.account.is_frozen:
        raise errors.AccountFrozen(str(wallet.account))
    offer = get_offer(item_key)
    get_offered_method(offer, WALLET_METHOD)
    tokens = offer.token_prices.get(wallet.token_type_id)
    if tokens is None:
        raise errors.TokenPriceChanged(agreed=0, now=None)
    seats_left = count_seats_left(offer)
    checked, payable = [], 0
    for person in people:
        reason = person.reason or (person.learner and _find_reason(offer, person.learner)) or ""
        if not reason and seats_left is not None and payable >= seats_left:
            reason = "no_seats"
        payable += not reason
        checked.append(Person(person.entered, person.learner, reason))
    return MembersPreview(offer, wallet, checked, tokens, sum_usable(wallet, now))


def pay_for_members(
    *,
    actor: User,
    wallet: Wallet,
    item_key: str,
    tokens: int,
    user_ids: Sequence[int],
    idempotency_key: str,
    now: datetime,
) -> list[MemberResult]:
    """Pay for some members of an account from one of its wallets, and enrol them in a course.

    ``tokens`` is the price agreed for each; ``user_ids`` are up to 200 users. Every member of the
    account among them has a result, by user name. With the same key, members who were paid for
    before are answered with that payment, and those who were refused are tried again. Must not run
    inside a transaction: what is paid for one person has to stay. Raises NotAManager and
    TooManyPeople before anything is taken.
    """
    _check_payer(actor, wallet, len(user_ids))
    pay = partial(
        redeem,
        item_key=item_key,
        method=WALLET_METHOD,
        reference={"wallet": str(wallet.pk), "tokens": str(tokens)},
        now=now,
        actor=actor,
    )
    key = f"members:{actor.pk}:{idempotency_key}"
    people = list_people(wallet.account, user_ids)
    return [_pay_for(one.learner, pay, key) for one in people if one.learner]


def _pay_for(learner: User, pay: Callable[..., Redemption], key: str) -> MemberResult:
    try:
        redemption = pay(learner=learner, idempotency_key=f"{key}:{learner.pk}")
    except errors.TokenPaymentsError as error:
        return MemberResult(learner, reason=error.reason)
    except Exception:  # the others' payments are committed, and have to be told
        log.exception("user %s was not paid for", learner.pk)
        return MemberResult(learner, reason="failed")
    return MemberResult(learner, redemption)


def _check_payer(actor: User, wallet: Wallet, people: int) -> None:
    if not may_pay_for_others(wallet, actor):
        raise errors.NotAManager(str(wallet.pk))
    if people > MAX_PEOPLE:
        raise errors.TooManyPeople(limit=MAX_PEOPLE)


def _find_reason(offer: Offer, learner: User) -> str:
    """Why this learner can't be paid for; empty when nothing stands in the way."""
    try:
        check_learner(offer, learner)
    except errors.PaymentRefused as error:
        return error.reason
    return ""


def _list_by_name(account: Account, wanted: Mapping[str, str]) -> list[Person]:
    """The members with these names; ``wanted`` has what was entered by its lower case."""
    members = _list_members(account).annotate(
        email=Lower("user__email"), username=Lower("user__username")
    )
    found: dict[str, list[User]] = defaultdict(list)
    for member in members.filter(Q(email__in=wanted) | Q(username__in=wanted)):
        found[member.email].append(member.user)
        if "@" not in member.username:
            found[member.username].append(member.user)
    return [_choose(entered, found[key]) for key, entered in wanted.items()]


def _choose(entered: str, users: Sequence[User]) -> Person:
    if len(users) > 1:
        users = [user for user in users if entered in (user.get_username(), user.email)] or users
    if len(users) == 1:
        return Person(entered, users[0])
    return Person(entered, reason="ambiguous" if users else "not_a_member")


def _list_members(account: Account) -> QuerySet[AccountMember]:
    """Members who can sign in; payments are for these alone."""
    members = AccountMember.objects.filter(account=account, user__is_active=True)
    return members.select_related(*list_name_relations("user"))
