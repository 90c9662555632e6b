"""Somebody who has done everything is retired: nothing of theirs is left, and the books agree."""

from __future__ import annotations

from datetime import timedelta
from unittest import mock

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import override_settings
from django.utils import timezone

from openedx.core.djangoapps.user_api.models import UserRetirementStatus
from tests import factories
from tests.privacy import world
from token_payments.assignments import queries as assignment_queries
from token_payments.checkout import operations as checkout_operations
from token_payments.errors import CodeNotRedeemable
from token_payments.hosts import host
from token_payments.models import (
    AccountMember,
    CodeAssignment,
    CodeStatus,
    OrderDelegate,
    OrderStatus,
    Retirement,
    TokenOrderAction,
)
from token_payments.orders import queries as order_queries
from token_payments.privacy import operations as privacy_operations


def retire() -> None:
    """As the LMS does it, step by step."""
    call_command("retire_user", username=world.USER_NAME, user_email=world.EMAIL, now=True)


def keep_years(years: int) -> override_settings:
    from django.conf import settings

    return override_settings(TOKEN_PAYMENTS={**settings.TOKEN_PAYMENTS, "INVOICE_YEARS": years})


class RetirementTest(world.PersonCase):
    def test_no_trace_is_left_but_of_the_invoices(self) -> None:
        places = world.find_traces(*world.TRACES)
        assert len(places) == 26, sorted(places)
        retire()
        assert world.find_traces(*world.TRACES) == world.INVOICE

    @keep_years(0)
    def test_no_trace_is_left_where_invoices_are_not_kept(self) -> None:
        retire()
        self.assertEqual(
            world.find_traces(*world.TRACES),
            # what an organisation's order says is the organisation's
            world.find_traces("kwyjibo", "kw7 7jb"),
        )
        self.bought.refresh_from_db()
        assert self.bought.billing_name == "[removed]"
        assert self.bought.billing_country == "GB"
        self.wallet_order.refresh_from_db()
        assert self.wallet_order.billing_name == "[removed]"
        assert self.wallet_order.billing_street == world.ADDRESS["billing_street"]

    def test_sums_and_the_doctor_stay_as_they_were(self) -> None:
        before = world.take_sums()
        assert world.find_faults() == []
        retire()
        after = world.take_sums()
        assert after["orders"] == before["orders"]
        assert after["ledger"] == before["ledger"]
        assert world.find_faults() == []

    def test_doing_it_again_changes_nothing(self) -> None:
        retire()
        values = list(world.iterate_values())
        retirement = Retirement.objects.get(user=self.person)
        assert retirement.values > 20
        self.person.refresh_from_db()
        again = privacy_operations.retire_person(user=self.person, now=retirement.last_at)
        assert (again.values, again.codes) == (0, 0)
        assert list(world.iterate_values()) == values

    def test_an_unused_code_goes_back_to_its_buyer_and_the_old_one_is_dead(self) -> None:
        text = dict(order_queries.iterate_codes(self.order))[self.unused.code]
        free = assignment_queries.list_unassigned(self.order).count()
        retire()
        self.unused.code.refresh_from_db()
        assert self.unused.code.status == CodeStatus.REPLACED
        assert assignment_queries.list_unassigned(self.order).count() == free + 1
        with pytest.raises(CodeNotRedeemable):
            factories.redeem(self.other, self.item, text, now=self.now)

    def test_a_code_that_can_no_longer_be_made_is_nobodys(self) -> None:
        with override_settings(TOKEN_PAYMENTS={"CODE_KEYS": {}}):
            privacy_operations.retire_person(user=self.person, now=timezone.now())
        self.unused.refresh_from_db()
        assert self.unused.live is None
        assert self.unused.email == "removed@retired.invalid"

    def test_what_was_redeemed_stays_redeemed(self) -> None:
        retire()
        self.used.refresh_from_db()
        assert (self.used.live, self.used.code.status) == (True, CodeStatus.REDEEMED)
        assert self.used.email == "removed@retired.invalid"
        self.redemption.refresh_from_db()
        assert self.redemption.learner_id == self.person.pk

    def test_helping_and_memberships_end_and_wishes_are_cancelled(self) -> None:
        retire()
        assert not OrderDelegate.objects.filter(user=self.person).exists()
        assert not AccountMember.objects.filter(user=self.person).exists()
        ended = self.order.log.filter(action=TokenOrderAction.DELEGATE_REMOVED)
        assert [entry.detail for entry in ended] == ["[removed]"]
        self.wish.refresh_from_db()
        assert self.wish.status == OrderStatus.CANCELLED

    def test_pages_name_an_account_that_has_no_name(self) -> None:
        retire()
        self.person.refresh_from_db()
        assert host.get_full_name(self.person) == f"Retired user {self.person.pk}"

    def test_others_are_left_alone(self) -> None:
        retire()
        assert CodeAssignment.objects.filter(email="someone@example.com", name="Some One").exists()
        self.wallet.refresh_from_db()
        assert self.wallet.low_balance_emails == "boss@example.com\nme@example.com"
        assert AccountMember.objects.filter(account=self.account, user=self.other).exists()
        self.account.refresh_from_db()
        assert self.account.billing_name == "Acme, attn. [removed]"

    def test_no_mail_is_sent_to_the_account_that_is_gone(self) -> None:
        with self.captureOnCommitCallbacks(execute=True):
            retire()
        assert not [each for each in mail.outbox if "invalid" in "".join(each.to)]

    def test_while_payments_are_switched_off(self) -> None:
        with override_settings(TOKEN_PAYMENTS_ENABLED=False):
            retire()
        assert world.find_traces(*world.TRACES) == world.INVOICE

    def test_a_failure_is_seen_and_nothing_is_half_done(self) -> None:
        values = list(world.iterate_values())
        broken = mock.patch(
            "token_payments.privacy.operations.Retirement.objects.get_or_create",
            side_effect=OSError("disk full"),
        )
        with (
            broken,
            mock.patch("openedx.core.djangoapps.user_api.accounts.pipeline.unenroll_everywhere"),
            pytest.raises(OSError, match="disk full"),
        ):
            retire()
        status = UserRetirementStatus.objects.get(user=self.person)
        assert status.current_state == "ERRORED"
        assert list(world.iterate_values()) == values
        retire()
        assert world.find_traces(*world.TRACES) == world.INVOICE


class LaterTest(world.PersonCase):
    def test_invoices_are_forgotten_after_their_years(self) -> None:
        retire()
        year = timezone.localtime(self.now).year
        late = self.now.replace(year=year + 10, month=12, day=31)
        assert privacy_operations.forget_invoices(now=late) == 0
        late = self.now.replace(year=year + 11, month=1, day=2)
        assert privacy_operations.forget_invoices(now=late) > 0
        assert privacy_operations.forget_invoices(now=late) == 0
        self.bought.refresh_from_db()
        assert (self.bought.billing_name, self.bought.purchase_order) == ("[removed]", None)

    def test_what_comes_back_later_is_for_the_buyer(self) -> None:
        call_command("retire_user", username=world.USER_NAME, user_email=world.EMAIL)
        self.person.refresh_from_db()
        assert host.is_retired(self.person)
        later = self.now + timedelta(days=1)
        checkout_operations.reverse(
            self.redemption.pk, actor=None, reason="", now=later, unenrol=True
        )
        assert not CodeAssignment.objects.filter(email__contains="invalid").exists()
        assert self.order.codes.filter(replaces=self.redemption.code).exists()
