"""A course priced in tokens, and a learner whose accounts can and can't pay for it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.cache import cache
from django.http import HttpResponse
from django.test import TestCase
from freezegun import freeze_time

from tests import factories
from tests.portal.base import COURSE, url
from token_payments.catalogue import operations as catalogue_operations
from token_payments.l10n.dates import end_of_day
from token_payments.models import Account, Redemption, TokenIssue, TokenType, Wallet
from token_payments.wallets import operations as wallet_operations

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOON = end_of_day(datetime(2026, 11, 29).date())
LATER = end_of_day(datetime(2026, 12, 22).date())


class WalletTestCase(TestCase):
    """COURSE costs 7 Gold; ``self.account`` has 15, of which 5 expire soon. The learner is in."""

    methods = ("wallet",)

    @classmethod
    def setUpTestData(cls) -> None:
        cls.gold, cls.silver = factories.make_type("Gold"), factories.make_type("Silver")
        prices = {cls.gold: 7}
        cls.item = factories.make_shop(COURSE, methods=cls.methods, token_prices=prices)
        cls.learner = factories.make_user("learner", name="Lee Learner")
        cls.account = factories.make_account("Harbour", members=[cls.learner])
        cls.issue(cls.account, 10, expires_at=LATER)
        cls.issue(cls.account, 5, expires_at=SOON)
        cls.wallet = factories.find_wallet(cls.account, cls.gold)

    def setUp(self) -> None:
        clock = freeze_time(NOW)
        clock.start()
        self.addCleanup(clock.stop)
        cache.clear()
        self.client.force_login(self.learner)

    @classmethod
    def issue(
        cls, account: Account, quantity: int, kind: TokenType | None = None, **fields: Any
    ) -> TokenIssue:
        return factories.issue_tokens(account, kind or cls.gold, quantity, now=NOW, **fields)

    def freeze(self, account: Account) -> None:
        wallet_operations.freeze_account(account.pk, actor=self.learner)

    def set_price(self, quantity: int | None) -> None:
        prices = {self.silver: 10} if quantity is None else {self.gold: quantity}
        catalogue_operations.save_item(self.item, methods=self.methods, token_prices=prices)

    def open(self) -> HttpResponse:
        return self.client.get(url("checkout"))

    def choose(self, wallet: Wallet | str | None = None, **extra: Any) -> HttpResponse:
        key = wallet if isinstance(wallet, str) else str((wallet or self.wallet).pk)
        return self.client.post(
            url("checkout"), {"method": "wallet", "wallet-wallet": key, **extra}
        )

    def review(self) -> HttpResponse:
        return self.client.get(url("review"))

    def get_nonce(self) -> str:
        return self.review().context["idempotency_key"]

    def finish(self, nonce: str | None = None, **extra: Any) -> HttpResponse:
        return self.client.post(
            url("finish"), {"idempotency_key": nonce or self.get_nonce()}, **extra
        )

    def remaining(self) -> list[int]:
        """What is left in the issues, by their ids."""
        return list(TokenIssue.objects.order_by("id").values_list("remaining", flat=True))

    def assert_untouched(self) -> None:
        self.assertFalse(Redemption.objects.exists())
        self.assertEqual(self.remaining()[:2], [10, 5])
