"""An account's alerts in the admin, and the forecast on its page and statement."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core import mail
from django.test import override_settings
from django.utils import timezone

from tests import factories
from tests.admin.wallets.base import WalletCase
from token_payments.models import Wallet
from token_payments.wallets import operations as wallet_operations


class AlertsTest(WalletCase):
    def setUp(self) -> None:
        super().setUp()
        earlier = timezone.now() - timedelta(days=200)
        ends = timezone.now() + timedelta(days=9)
        self.wallet = self.issue(12, now=earlier, expires_at=ends).wallet
        self.address = self.page("account", "alerts", self.acme.pk)

    def send(self, **data: Any) -> Any:
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(self.address, {"wallet": self.wallet.pk, **data}, follow=True)

    def stored(self) -> tuple[int | None, str]:
        wallet = Wallet.objects.get(pk=self.wallet.pk)
        return wallet.low_balance, wallet.low_balance_emails

    def test_one_type_is_set_and_told_of_at_once_where_few_are_left(self) -> None:
        answer = self.send(threshold="20", addresses="office@example.com")
        self.assertContains(answer, "The low balance alert for Gold was saved.")
        self.assertContains(answer, "Too few since")
        self.assertEqual(self.stored(), (20, "office@example.com"))
        self.assertEqual(mail.outbox[0].to, ["office@example.com"])

    def test_what_cant_be_is_explained(self) -> None:
        for data, words in (
            ({"threshold": "0"}, "greater than or equal to 1"),
            ({"threshold": "3", "addresses": "nobody"}, "“nobody” is no e-mail address."),
            ({"threshold": "3", "wallet": "99"}, "The account has no such tokens."),
            ({"threshold": "3", "wallet": "x"}, "The account has no such tokens."),
        ):
            self.assertContains(self.send(**data), words)
        self.assertEqual(self.stored(), (None, ""))

    def test_another_accounts_tokens_arent_in_reach(self) -> None:
        other = self.issue(5, account=factories.make_account("Other")).wallet
        self.send(threshold="3", wallet=other.pk)
        self.assertIsNone(Wallet.objects.get(pk=other.pk).low_balance)

    def test_who_may_only_look_sees_what_is_set(self) -> None:
        self.send(threshold="5")
        self.sign_in("view_account")
        answer = self.client.get(self.address)
        self.assertContains(answer, "Told when fewer than 5 are left")
        self.assertNotContains(answer, "<textarea")

    @override_settings(TOKEN_PAYMENTS_ENABLED=False)
    def test_while_the_plugin_is_off_nothing_changes(self) -> None:
        self.assertContains(self.send(threshold="5"), "switched off")
        self.assertEqual(self.stored(), (None, ""))

    def test_an_account_without_tokens_says_so(self) -> None:
        bare = factories.make_account("Bare")
        answer = self.client.get(self.page("account", "alerts", bare.pk))
        self.assertContains(answer, "This account has no tokens yet.")

    def test_the_forecast_is_on_the_accounts_page_and_on_the_statement(self) -> None:
        pages = (
            self.page("account", "change", self.acme.pk),
            self.page("ledgerentry", "statement", self.wallet.pk),
        )
        said = "Nothing was spent in the last 90 days. If that stays so, all 12 Gold"
        for page in pages:
            self.assertContains(self.client.get(page), said)
        wallet_operations.freeze_account(self.acme.pk, actor=self.operator)
        for page in pages:
            self.assertNotContains(self.client.get(page), said)
