"""Low balance alerts and the forecast on members' pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import ddt
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.portal.tokens.base import TokensCase
from tests.portal.told import assert_told
from token_payments.models import Wallet
from token_payments.presenters.once import make_key
from token_payments.wallets import operations as wallet_operations


@ddt.ddt
class AlertTest(TokensCase):
    def url(self, name: str, **other: Any) -> str:
        if name == "tokens":
            return reverse("token_payments:tokens")
        more = {"type_id": self.gold.pk} if name == "alert" else {}
        return super().url(name, **more, **other)

    def save(self, threshold: str, addresses: str = "") -> Any:
        with self.captureOnCommitCallbacks(execute=True):
            return self.post(
                self.manager, "alert", {"threshold": threshold, "addresses": addresses}
            )

    def stored(self) -> tuple[int | None, str]:
        wallet = Wallet.objects.get(pk=self.wallet.pk)
        return wallet.low_balance, wallet.low_balance_emails

    def test_a_manager_sets_whom_to_tell_and_when(self) -> None:
        answer = self.save("5", "office@example.com\nboss@example.com; office@example.com")
        self.assertEqual(self.stored(), (5, "office@example.com\nboss@example.com"))
        self.assertEqual(mail.outbox, [])
        page = assert_told(self, answer, self.url("alert"), "Saved.")
        self.assertContains(page, "boss@example.com")
        self.assertContains(self.get(self.manager, "statement"), "fewer than 5 are left")

    def test_where_there_are_fewer_already_the_mail_goes_at_once_and_once(self) -> None:
        self.save("50")
        answer = self.save("60")
        self.assertEqual([message.to for message in mail.outbox], [["manager@example.com"]])
        self.assertContains(self.client.get(answer["Location"]), "There are fewer")
        self.assertContains(self.get(self.manager, "tokens"), "Fewer than 60")

    def test_nothing_is_nobody(self) -> None:
        self.save("5")
        self.save("")
        self.assertEqual(self.stored(), (None, ""))
        page = self.get(self.manager, "statement")
        self.assertContains(page, "Nobody is told when few are left.")

    @ddt.data(
        ("0", "", "Enter 1 or more"),
        ("many", "", "Enter a whole number"),
        ("99999999999", "", "This is more than any issue"),
        ("5", "nobody", "“nobody” is no e-mail address"),
        ("5", " ".join(f"a{number}@example.com" for number in range(11)), "at most 10"),
        ("5", "a\x00b@example.com", "Null characters"),
    )
    @ddt.unpack
    def test_what_cant_be_is_explained_and_nothing_changes(
        self, threshold: str, addresses: str, words: str
    ) -> None:
        self.assertContains(self.save(threshold, addresses), words)
        self.assertEqual(self.stored(), (None, ""))

    def test_members_see_no_alert_and_strangers_nothing(self) -> None:
        self.save("50")
        for user in (self.ann, self.stranger):
            self.assertEqual(self.get(user, "alert").status_code, 404)
        self.assertNotContains(self.get(self.ann, "statement"), "Low balance alert")
        self.assertNotContains(self.get(self.ann, "tokens"), "Fewer than 50")

    def test_who_changes_it_all_the_time_has_to_wait(self) -> None:
        for number in range(20):
            self.save(str(number + 1))
        self.assertContains(self.save("5"), "very often")
        self.assertEqual(self.stored(), (20, ""))

    def test_a_payment_that_makes_them_few_is_told_of(self) -> None:
        self.save("14")
        with self.captureOnCommitCallbacks(execute=True):
            self.post(
                self.manager,
                "pay_for_members",
                {
                    "price": f"{self.gold.pk}:{self.item.pk}",
                    "tokens": 7,
                    "person": self.ann.pk,
                    "idempotency_key": make_key(),
                },
            )
        self.assertEqual(
            [message.subject for message in mail.outbox],
            ["You are enrolled in Fire Safety", "Acme has 13 Gold left"],
        )


class ForecastTest(TokensCase):
    def test_members_see_it_on_both_pages_but_not_while_the_account_is_frozen(self) -> None:
        account = factories.make_account("Old", members=[self.ann])
        now = timezone.now()
        ends = now + timedelta(days=10)
        earlier = now - timedelta(days=200)
        factories.issue_tokens(account, self.gold, 30, now=earlier, expires_at=ends)
        said = "Nothing was spent in the last 90 days. If that stays so, all 30 Gold"
        pages = (reverse("token_payments:tokens"), self.url("statement", account_id=account.pk))
        self.client.force_login(self.ann)
        for page in pages:
            self.assertContains(self.client.get(page), said)
        wallet_operations.freeze_account(account.pk, actor=None)
        for page in pages:
            self.assertNotContains(self.client.get(page), said)
