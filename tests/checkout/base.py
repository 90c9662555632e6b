"""A course that takes codes and tokens, and payments for it that are undone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import TestCase

from common.djangoapps.student.models import CourseEnrollment
from tests import factories
from token_payments.checkout import operations as checkout_operations
from token_payments.models import Redemption, TokenIssue

COURSE = "course-v1:Acme+FIRE+2026"
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
DAY = timedelta(days=1)


class ReversalSetUp:
    """Two issues, five and ten Gold, and an order of two codes; a course that takes either."""

    def setUp(self) -> None:
        self.gold = factories.make_type()
        self.item = factories.make_shop(
            COURSE,
            course={"start": NOW - 10 * DAY},
            methods=["token_code", "wallet"],
            token_prices={self.gold: 7},
        )
        self.buyer, self.amara, self.admin = (
            factories.make_user(name) for name in ("buyer", "amara", "olive")
        )
        self.admin.is_superuser = True
        self.admin.save()
        self.account = factories.make_account(members=[self.amara])
        self.issue(5, ends=NOW + 3 * DAY)
        self.issue(10, ends=NOW + 30 * DAY)
        self.wallet = factories.find_wallet(self.account, self.gold)
        self.order = factories.make_processed_order(self.item, buyer=self.buyer, quantity=2)

    def issue(self, quantity: int, *, ends: datetime | None) -> TokenIssue:
        return factories.issue_tokens(
            self.account, self.gold, quantity, now=NOW - DAY, expires_at=ends
        )

    def pay(self) -> Redemption:
        return factories.pay(self.amara, self.item, self.wallet, now=NOW)

    def redeem(self) -> Redemption:
        return factories.redeem(self.amara, self.item, factories.list_codes(self.order)[0], now=NOW)

    def reverse(self, redemption: Redemption, **arguments: Any) -> Redemption:
        arguments = {"actor": self.admin, "reason": "ill", "now": NOW + DAY, **arguments}
        return checkout_operations.reverse(redemption.pk, **arguments)

    def leave(self) -> None:
        CourseEnrollment.unenroll(self.amara, factories.key(COURSE))

    def is_enrolled(self) -> bool:
        return CourseEnrollment.is_enrolled(self.amara, factories.key(COURSE))

    def remaining(self) -> list[int]:
        return list(TokenIssue.objects.order_by("id").values_list("remaining", flat=True))

    def statuses(self) -> list[str]:
        return list(self.order.codes.order_by("serial").values_list("status", flat=True))


class ReversalCase(ReversalSetUp, TestCase):
    pass
