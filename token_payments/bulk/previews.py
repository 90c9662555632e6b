"""Previews of jobs: the outcome for each row, before anything is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from token_payments import errors
from token_payments.bulk.jobs import DUPLICATE, check_payable
from token_payments.catalogue.queries import Offer
from token_payments.checkout.members import Person, name_people
from token_payments.checkout.models import Redemption
from token_payments.checkout.payment_methods.wallet import may_pay_for_others
from token_payments.checkout.rules import count_seats_left
from token_payments.hosts import host
from token_payments.hosts.base import User
from token_payments.wallets.balances import sum_usable
from token_payments.wallets.models import Wallet

#: For these a job skips the row, as nothing is left to do.
NEEDLESS = (DUPLICATE, errors.AlreadyEnrolled.reason, errors.AlreadyPaid.reason)


@dataclass(frozen=True)
class RowVerdict:
    """``reason`` is empty for people who would be paid for; ``who`` is the member that is meant."""

    number: int
    entered: str
    reason: str = ""
    who: str = ""

    @property
    def is_needless(self) -> bool:
        return self.reason in NEEDLESS


@dataclass(frozen=True)
class RedeemPreview:
    """The cost to the wallet of paying for these people."""

    offer: Offer
    rows: Sequence[RowVerdict]
    tokens: int
    available: int

    @property
    def payable(self) -> int:
        return sum(not row.reason for row in self.rows)

    @property
    def cost(self) -> int:
        return self.tokens * self.payable


def preview_redeeming(
    *,
    actor: User,
    wallet: Wallet,
    item_key: str,
    tokens: int,
    names: Sequence[str],
    now: datetime,
) -> RedeemPreview:
    """Look at each of these people, taking nothing; some ten queries, however many they are.

    What the course itself says to a learner is asked only when it is paid for. Raises like
    ``start_redeeming``.
    """
    if not may_pay_for_others(wallet, actor):
        raise errors.NotAManager(str(wallet.pk))
    offer = check_payable(wallet, item_key, tokens)
    people = name_people(wallet.account, names)
    reasons = _get_reasons(offer, [one for one in people.values() if one.learner])
    available, seats = sum_usable(wallet, now), count_seats_left(offer)
    rows: list[RowVerdict] = []
    seen: set[str] = set()
    payable = 0
    for number, name in enumerate(names, start=1):
        person = people[name]
        who = person.learner.get_username() if person.learner else ""
        key = who or name.lower()
        reason = person.reason or reasons.get(who, "")
        if key in seen:
            reason = DUPLICATE
        elif not reason and seats is not None and payable >= seats:
            reason = errors.NoSeats.reason
        elif not reason and tokens * (payable + 1) > available:
            reason = errors.InsufficientTokens.reason
        seen.add(key)
        payable += not reason
        rows.append(RowVerdict(number, name, reason, who))
    return RedeemPreview(offer, rows, tokens, available)


def _get_reasons(offer: Offer, people: Sequence[Person]) -> dict[str, str]:
    """By user name, why a learner needs no payment."""
    learners = {one.learner.pk: one.learner for one in people if one.learner}
    key = offer.item.item_key
    paid = Redemption.objects.filter(item=offer.item, live=True, learner__in=list(learners))
    reasons = dict.fromkeys(
        paid.order_by().values_list("learner", flat=True), errors.AlreadyPaid.reason
    )
    enrolments = host.list_enrolments([(learner, key) for learner in learners])
    for (learner_id, _key), enrolment in enrolments.items():
        is_paid = enrolment.mode == offer.mode or enrolment.mode in offer.host_item.paid_slugs
        if enrolment.is_active and is_paid:
            reasons[learner_id] = errors.AlreadyEnrolled.reason
    return {learners[pk].get_username(): reason for pk, reason in reasons.items()}
