"""Who is told that a payment was reversed, and what went where."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.core import mail

from tests import factories
from tests.checkout.base import DAY, NOW, ReversalCase
from token_payments import tasks
from token_payments.models import (
    AccountMember,
    AccountRole,
    EnrolmentSettings,
    Notice,
    Redemption,
    TokenOrder,
    TokenSettings,
)
from token_payments.privacy.subject import REMOVED


class ReversalMailTest(ReversalCase):
    def setUp(self) -> None:
        super().setUp()
        self.maya = factories.make_user("maya")
        AccountMember.objects.create(account=self.account, user=self.maya, role=AccountRole.MANAGER)

    def send(self, redemption) -> dict[str, str]:
        """The texts by their recipients, HTML and subjects with them."""
        mail.outbox.clear()
        tasks.mails.mail_reversal(redemption.pk)
        return {
            "".join(one.to): f"{one.subject}\n{one.body}\n{one.alternatives[0].content}"
            for one in mail.outbox
        }

    def test_the_learner_and_the_managers_are_told_of_tokens(self) -> None:
        sent = self.send(self.reverse(self.pay()))
        assert set(sent) == {"amara@example.com", "maya@example.com"}
        for text in sent.values():
            assert text.count("7 Gold tokens went back to Acme.") == 2
            assert text.count("ill") >= 2
            assert "expired" not in text
        assert "Amara's payment for Fire Safety was given back" in sent["maya@example.com"]

    def test_a_reason_that_was_removed_is_left_out(self) -> None:
        redemption = self.reverse(self.pay())
        Redemption.objects.update(reversal_reason=REMOVED)
        assert all(
            "Reason" not in text and REMOVED not in text for text in self.send(redemption).values()
        )

    def test_a_manager_whose_account_is_closed_is_not_told(self) -> None:
        self.maya.is_active = False
        self.maya.save()
        assert set(self.send(self.reverse(self.pay()))) == {"amara@example.com"}

    def test_what_expired_meanwhile_is_said(self) -> None:
        sent = self.send(self.reverse(self.pay(), now=NOW + 5 * DAY))
        assert "5 of them had expired meanwhile" in sent["maya@example.com"]

    def test_what_can_be_spent_all_the_same_is_said(self) -> None:
        TokenSettings.objects.create(refund_grace_days=7)
        sent = self.send(self.reverse(self.pay(), now=NOW + 5 * DAY))
        text = " ".join(sent["maya@example.com"].split())
        assert "5 of them had expired meanwhile and can be spent until December 4, 2026" in text

    def test_the_learner_finds_the_code_again(self) -> None:
        sent = self.send(self.reverse(self.redeem()))
        assert set(sent) == {"amara@example.com", "buyer@example.com"}
        assert "/token-payments/tokens/mine/" in sent["amara@example.com"]
        assert "by you alone" in sent["amara@example.com"]
        assert "by Amara alone" in sent["buyer@example.com"]

    def test_in_place_of_a_buyer_who_is_gone_the_orders_account_is_told(self) -> None:
        redemption = self.reverse(self.redeem())
        get_user_model().objects.filter(pk=self.order.buyer_id).update(is_active=False)
        assert set(self.send(redemption)) == {"amara@example.com"}
        Notice.objects.all().delete()
        TokenOrder.objects.filter(pk=self.order.pk).update(account=self.account)
        assert set(self.send(redemption)) == {"amara@example.com", "maya@example.com"}

    def test_the_buyer_has_a_new_one(self) -> None:
        EnrolmentSettings.objects.create(
            enabled=True, override_allowed=True, code_reversal="new_for_buyer"
        )
        sent = self.send(self.reverse(self.redeem()))
        assert "has a new one in its place" in sent["buyer@example.com"]
        assert "/tokens/mine/" not in sent["amara@example.com"]

    def test_of_another_payment_method_the_learner_alone_is_told(self) -> None:
        redemption = self.reverse(self.pay())
        Redemption.objects.update(method="invoice", wallet=None, tokens=None)
        sent = self.send(redemption)
        assert set(sent) == {"amara@example.com"}
        assert "was given back" in sent["amara@example.com"]
        assert "went back to" not in sent["amara@example.com"]

    def test_no_mail_has_a_code(self) -> None:
        codes = factories.list_codes(self.order)
        for text in self.send(self.reverse(self.redeem())).values():
            assert not any(code in text for code in codes)

    def test_once_however_often_it_is_asked_for(self) -> None:
        redemption = self.reverse(self.pay())
        assert len(self.send(redemption)) == 2
        assert not self.send(redemption)

    def test_a_payment_that_counts_is_no_news(self) -> None:
        assert not self.send(self.pay())

    def test_who_left_is_told_so_by_the_event(self) -> None:
        redemption = self.pay()
        self.leave()
        left_at = NOW + timedelta(hours=1)
        with self.captureOnCommitCallbacks(execute=True):
            tasks.work.judge_unenrolment(redemption.pk, self.amara.pk, left_at.isoformat())
        assert {one.to[0] for one in mail.outbox} == {"amara@example.com", "maya@example.com"}
        assert "you have left Fire Safety" in mail.outbox[0].body
