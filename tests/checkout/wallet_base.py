"""A course that is paid from a wallet, in Gold or in Silver."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import TestCase

from tests import factories
from token_payments.models import EntryKind, LedgerEntry, Redemption, TokenIssue, Wallet

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
COURSE = "course-v1:Wallet+P1+2026"


class WalletPaymentTestCase(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.gold, cls.silver, cls.bronze = map(factories.make_type, ("Gold", "Silver", "Bronze"))
        prices = {cls.gold: 7, cls.silver: 3}
        cls.item = factories.make_shop(
            COURSE, modes={"verified": 149}, methods=["wallet"], token_prices=prices
        )
        cls.learner, cls.manager = factories.make_user("learner"), factories.make_user("manager")
        cls.stranger = factories.make_user("stranger")
        cls.account = factories.make_account(members=[cls.learner], managers=[cls.manager])
        cls.wallet = factories.find_wallet(cls.account, cls.gold)

    def issue(self, quantity: int, *, days: int | None = None, kind=None, now=NOW) -> TokenIssue:
        ends = None if days is None else NOW + days * DAY
        return factories.issue_tokens(
            self.account, kind or self.gold, quantity, expires_at=ends, now=now
        )

    def pay(self, learner=None, wallet: Wallet | None = None, **other: Any) -> Redemption:
        return factories.pay(
            learner or self.learner, self.item, wallet or self.wallet, **{"now": NOW, **other}
        )

    def remaining(self) -> list[int]:
        return list(TokenIssue.objects.order_by("id").values_list("remaining", flat=True))

    def assert_nothing_taken(self) -> None:
        assert not Redemption.objects.exists()
        assert not LedgerEntry.objects.exclude(kind=EntryKind.ISSUE).exists()
        assert self.remaining() == list(
            TokenIssue.objects.order_by("id").values_list("quantity", flat=True)
        )
