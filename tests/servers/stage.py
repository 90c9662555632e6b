"""What races on one wallet have in common: people, courses at one Gold each, and their sums."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.db.models import F, Sum
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from tests import factories
from token_payments.models import (
    Account,
    CatalogueItem,
    EntryKind,
    LedgerEntry,
    Redemption,
    TokenIssue,
    TokenOrder,
    TokenType,
    Wallet,
)

COURSES = [f"course-v1:Mixed+M{number}+2026" for number in range(4)]
LEARNERS = 32


@dataclass
class Stage:
    """An account with members and two managers, and its wallet of Gold, empty."""

    gold: TokenType = field(default_factory=factories.make_type)
    items: list[CatalogueItem] = field(default_factory=list)
    learners: list[Any] = field(default_factory=list)
    managers: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        factories.allow_paid()
        for course in COURSES:
            factories.make_course(course, modes={"verified": 149})
            prices = {self.gold: 1}
            item = factories.make_item(course, methods=["wallet"], token_prices=prices)
            self.items.append(item)
        self.learners += [factories.make_user(f"racer{number}") for number in range(LEARNERS)]
        self.managers += [factories.make_user(f"manager{number}") for number in range(2)]
        self.account: Account = factories.make_account(
            members=self.learners, managers=self.managers
        )
        self.wallet: Wallet = factories.find_wallet(self.account, self.gold)

    def issue(self, quantity: int, **fields: Any) -> TokenIssue:
        return factories.issue_tokens(self.account, self.gold, quantity, **fields)

    def order(self, quantity: int = 10, **fields: Any) -> TokenOrder:
        buyer = self.managers[0]
        return factories.make_wallet_order(
            self.account, self.gold, buyer=buyer, quantity=quantity, **fields
        )

    def pay(self, learner: Any, item: CatalogueItem | None = None, **fields: Any) -> Redemption:
        return factories.pay(learner, item or self.items[0], self.wallet, **fields)

    def by_manager(self, **other: Any) -> dict[str, Any]:
        """The arguments that every correction wants, with a new key."""
        return {
            "actor": self.managers[0],
            "reason": "race",
            "idempotency_key": uuid4().hex,
            "now": timezone.now(),
        } | other


def sum_entries(*kinds: EntryKind) -> int:
    return LedgerEntry.objects.filter(kind__in=kinds).aggregate(n=Sum("amount", default=0))["n"]


def assert_books_agree() -> None:
    """Entries make up what remains; nothing was taken without the enrolment, nor the reverse."""
    sums = TokenIssue.objects.annotate(total=Sum("entries__amount"))
    assert not sums.exclude(remaining=F("total")).exists()
    redemptions = Redemption.objects.filter(live=True)
    for redemption in redemptions.annotate(drawn=Sum("entries__amount")):
        assert redemption.state == "completed"
        assert redemption.drawn in (-redemption.tokens, 0)  # 0: given back
    paid = set(redemptions.values_list("learner_id", "item__item_key"))
    enrolled = CourseEnrollment.objects.filter(is_active=True)
    assert paid == {(row.user_id, str(row.course_id)) for row in enrolled}
