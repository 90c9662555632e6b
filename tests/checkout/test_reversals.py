"""Payments undone: what comes back, to whom, and once."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import ddt
from django.conf import settings
from django.db import IntegrityError, OperationalError
from django.utils import translation

from common.djangoapps.student.models import CourseEnrollment
from tests import factories
from tests.checkout.base import COURSE, DAY, NOW, ReversalCase
from tests.concurrency import assert_healthy
from token_payments.assignments import operations as assignment_operations
from token_payments.assignments import queries as assignment_queries
from token_payments.catalogue import queries as catalogue_queries
from token_payments.checkout import operations as checkout_operations
from token_payments.checkout import queries as checkout_queries
from token_payments.checkout.code_returns import CodeOutcome
from token_payments.errors import AlreadyPaid, HostRefused, InvalidTransition
from token_payments.models import (
    CodeAssignment,
    CodeStatus,
    EnrolmentSettings,
    IssueSource,
    Redemption,
    TokenIssue,
    TokenSettings,
)
from token_payments.orders import operations as order_operations
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets import queries as wallet_queries


class WalletTest(ReversalCase):
    def test_tokens_return_to_the_very_issues(self) -> None:
        redemption = self.pay()
        assert self.remaining() == [0, 8]
        redemption = self.reverse(redemption, unenrol=True)
        assert (redemption.state, redemption.live) == ("reversed", None)
        assert (redemption.reversed_by, redemption.reversal_reason) == (self.admin, "ill")
        assert self.remaining() == [5, 10]
        assert not self.is_enrolled()
        assert_healthy()

    def test_twice_is_once(self) -> None:
        redemption = self.pay()
        self.reverse(redemption, unenrol=True)
        again = self.reverse(redemption, reason="other", unenrol=True)
        assert again.reversal_reason == "ill"
        assert self.remaining() == [5, 10]

    def test_the_learner_may_stay_enrolled(self) -> None:
        self.reverse(self.pay())
        assert self.is_enrolled()

    def test_after_it_the_learner_pays_again(self) -> None:
        self.reverse(self.pay(), unenrol=True)
        self.pay()
        assert self.remaining() == [0, 8]
        assert self.is_enrolled()
        assert_healthy()

    def test_what_expired_meanwhile_stays_expired(self) -> None:
        self.reverse(self.pay(), now=NOW + 5 * DAY)
        assert self.remaining() == [0, 10]
        balance = wallet_queries.get_balance(self.wallet, NOW + 5 * DAY)
        assert (balance.available, balance.expired) == (10, 5)

    def test_with_days_of_grace_it_is_issued_anew(self) -> None:
        TokenSettings.objects.create(refund_grace_days=7)
        TokenIssue.objects.filter(quantity=5).update(reference="INV-7", unit_price="12.500")
        redemption = self.pay()
        later = NOW + 5 * DAY
        self.reverse(redemption, now=later, unenrol=True)
        self.reverse(redemption, now=later)
        assert self.remaining() == [0, 10, 5]
        fresh = TokenIssue.objects.get(source=IssueSource.REFUND)
        assert (fresh.reference, str(fresh.unit_price)) == ("INV-7", "12.500")
        assert fresh.expires_at == datetime(2026, 12, 5, tzinfo=UTC)
        assert wallet_queries.get_balance(self.wallet, later).available == 15
        assert_healthy()

    def test_days_of_grace_count_for_frozen_accounts_and_archived_types_too(self) -> None:
        TokenSettings.objects.create(refund_grace_days=7)
        redemption = self.pay()
        wallet_operations.freeze_account(self.account.pk, actor=self.admin)
        wallet_operations.archive_type(self.gold.pk, actor=self.admin)
        self.reverse(redemption, now=NOW + 5 * DAY)
        assert self.remaining() == [0, 10, 5]

    def test_the_preview_says_exactly_that(self) -> None:
        TokenSettings.objects.create(refund_grace_days=7)
        redemption = self.pay()
        preview = checkout_queries.preview_reversal(redemption, now=NOW + 5 * DAY)
        assert preview.is_enrolled
        assert [(one.tokens, one.expired) for one in preview.returns] == [(5, True), (2, False)]
        assert preview.returns[0].until == datetime(2026, 12, 5, tzinfo=UTC)
        assert self.remaining() == [0, 8]

    def test_when_the_host_wont_unenrol_nothing_is_given_back(self) -> None:
        redemption = self.pay()
        refused = HostRefused("prevented")
        with (
            mock.patch("token_payments.hosts.edxapp.EdxappHost.unenrol", side_effect=refused),
            self.assertRaises(HostRefused),
        ):
            self.reverse(redemption, unenrol=True)
        redemption.refresh_from_db()
        assert redemption.state == "completed"
        assert self.remaining() == [0, 8]

    def test_what_was_never_completed_cant_be_reversed(self) -> None:
        redemption = self.pay()
        Redemption.objects.update(state="reserved")
        with self.assertRaises(InvalidTransition):
            self.reverse(redemption)

    def test_issues_that_are_used_last(self) -> None:
        TokenIssue.objects.filter(quantity=5).update(use_last=True)
        self.pay()
        assert self.remaining() == [5, 3]


class CodeTest(ReversalCase):
    def set_up(self, **fields: Any) -> None:
        EnrolmentSettings.objects.create(enabled=True, override_allowed=True, **fields)

    def test_the_same_learner_can_use_it_again_and_nobody_else(self) -> None:
        code = factories.list_codes(self.order)[0]
        redemption = self.redeem()
        assert (
            checkout_queries.preview_reversal(redemption, now=NOW).outcome
            is CodeOutcome.SAME_LEARNER
        )
        self.reverse(redemption, unenrol=True)
        assert self.statuses() == ["available", "available"]
        assert [
            one.code.serial for one in assignment_queries.list_codes_for(self.amara, now=NOW)
        ] == [1]
        with self.assertRaises(Exception) as refused:
            factories.redeem(self.buyer, self.item, code)
        assert refused.exception.reason == "assigned"
        factories.redeem(self.amara, self.item, code)
        assert_healthy()

    def test_or_the_buyer_gets_a_new_one(self) -> None:
        self.set_up(code_reversal="new_for_buyer")
        self.reverse(self.redeem(), unenrol=True)
        assert self.statuses() == ["replaced", "available", "available"]
        assert not assignment_queries.list_codes_for(self.amara, now=NOW)
        assert assignment_queries.list_unassigned(self.order).count() == 2
        assert_healthy()

    def test_never_both(self) -> None:
        redemption = self.redeem()
        for setting in ("same_learner", "new_for_buyer"):
            self.set_up(code_reversal=setting)
            self.reverse(redemption)
        assert self.statuses() == ["available", "available"]

    def test_a_cancelled_order_gets_nothing_back(self) -> None:
        redemption = self.redeem()
        order_operations.cancel_order(self.order.pk, actor=self.admin, now=NOW)
        self.reverse(redemption, unenrol=True)
        assert self.statuses() == ["cancelled", "cancelled"]
        assert not assignment_queries.list_codes_for(self.amara, now=NOW)
        assert_healthy()

    def test_a_code_that_isnt_redeemed_cant_be_given_back(self) -> None:
        redemption = self.redeem()
        self.order.codes.update(status="cancelled")
        with self.assertRaises(InvalidTransition):
            self.reverse(redemption)
        redemption.refresh_from_db()
        assert redemption.state == "completed"

    def test_a_code_that_was_given_to_somebody_else_is_the_learners_then(self) -> None:
        assignment_operations.assign_codes(
            self.order.pk,
            [assignment_operations.Recipient("zoe@example.com")],
            is_open=True,
            actor=self.buyer,
            idempotency_key=uuid.uuid4().hex,
            now=NOW,
        )
        self.reverse(self.redeem(), unenrol=True)
        live = CodeAssignment.objects.get(live=True)
        assert (live.email, live.is_open, live.code.serial) == ("amara@example.com", False, 1)

    def test_it_stands_in_the_orders_log(self) -> None:
        self.reverse(self.redeem())
        entry = self.order.log.first()
        assert entry is not None
        assert (entry.action, entry.actor) == ("code_given_back", self.admin)
        assert self.order.codes.filter(status=CodeStatus.REDEEMED).count() == 0


@ddt.ddt
class LeavingTest(ReversalCase):
    def judge(self, redemption: Redemption, *, after: timedelta, actor: Any = None) -> str:
        self.leave()
        left_at = NOW + after
        judged = checkout_operations.handle_unenrolment(
            redemption.pk, actor=actor or self.amara, left_at=left_at, now=left_at
        )
        return judged.state

    def set_rule(self, policy: str, days: int | None = None) -> None:
        self.item.unenrolment_policy, self.item.unenrolment_days = policy, days
        self.item.save()

    @ddt.data(
        ("never", None, timedelta(0), "completed"),
        ("until_start", None, timedelta(0), "completed"),  # it has started
        ("within_days", 2, 2 * DAY, "reversed"),
        ("within_days", 2, 3 * DAY, "completed"),
        ("within_days", 0, timedelta(hours=14), "reversed"),  # until the local midnight
        ("within_days", 0, timedelta(hours=16), "completed"),
        ("default", None, 14 * DAY, "reversed"),
        ("default", None, 15 * DAY, "completed"),
        ("default", 1, 2 * DAY, "completed"),
        ("staff_only", None, timedelta(0), "completed"),
    )
    @ddt.unpack
    def test_the_rule_decides(
        self, policy: str, days: int | None, after: timedelta, state: str
    ) -> None:
        self.set_rule(policy, days)
        redemption = self.pay()
        assert self.judge(redemption, after=after) == state
        assert self.remaining() == ([5, 10] if state == "reversed" else [0, 8]) or after > 3 * DAY
        assert_healthy()

    @ddt.data(
        ("until_start", 4 * DAY, "reversed"),
        ("until_start", 5 * DAY, "completed"),
        ("within_days", 6 * DAY, "reversed"),  # of the start, which is later
        ("within_days", 8 * DAY, "completed"),
    )
    @ddt.unpack
    def test_a_course_that_starts_later(self, policy: str, after: timedelta, state: str) -> None:
        factories.change_course(COURSE, start=NOW + 5 * DAY)
        self.set_rule(policy, 2)
        assert self.judge(self.pay(), after=after) == state

    def test_staff_give_back_where_staff_alone_may(self) -> None:
        self.set_rule("staff_only")
        redemption = self.pay()
        assert self.judge(redemption, after=DAY, actor=self.buyer) == "completed"
        assert self.judge(redemption, after=DAY, actor=self.admin) == "reversed"

    def test_who_came_back_meanwhile_keeps_the_course(self) -> None:
        redemption = self.pay()
        judged = checkout_operations.handle_unenrolment(
            redemption.pk, actor=self.amara, left_at=NOW, now=NOW
        )
        assert (judged.state, judged.left_at) == ("completed", None)
        assert self.is_enrolled()

    def test_after_a_rule_that_gives_nothing_back_the_learner_enrols_again(self) -> None:
        self.set_rule("never")
        redemption = self.pay()
        self.judge(redemption, after=DAY)
        with self.assertRaises(AlreadyPaid):
            checkout_queries.check_learner(catalogue_queries.get_offer(COURSE), self.amara)
        checkout_operations.enrol_again(learner=self.amara, item_key=COURSE)
        redemption.refresh_from_db()
        assert redemption.left_at is None
        assert self.is_enrolled()

    def test_the_first_time_counts(self) -> None:
        self.set_rule("within_days", 2)
        redemption = self.pay()
        self.leave()
        with mock.patch("token_payments.checkout.reversals.get_rule") as rule:
            rule.return_value.gives_back.return_value = False
            checkout_operations.handle_unenrolment(
                redemption.pk, actor=None, left_at=NOW + DAY, now=NOW + DAY
            )
        judged = checkout_operations.handle_unenrolment(
            redemption.pk, actor=None, left_at=NOW + 9 * DAY, now=NOW + 9 * DAY
        )
        assert (judged.left_at, judged.state) == (NOW + DAY, "reversed")


@ddt.ddt
class SweepTest(ReversalCase):
    def test_an_enrolment_that_ended_without_an_event_is_found(self) -> None:
        redemption = self.pay()
        CourseEnrollment.objects.update(is_active=False)  # by another plugin, past every signal
        swept = checkout_operations.sweep_departures(now=NOW + DAY)
        assert (swept.left, swept.given_back, swept.failed) == (1, 1, 0)
        redemption.refresh_from_db()
        assert (redemption.state, redemption.left_at) == ("reversed", NOW + DAY)
        assert checkout_operations.sweep_departures(now=NOW + DAY) == checkout_operations.Swept()

    def test_who_left_for_good_is_looked_at_once(self) -> None:
        self.item.unenrolment_policy = "never"
        self.item.save()
        self.pay()
        self.leave()
        assert checkout_operations.sweep_departures(now=NOW).left == 1
        assert checkout_operations.sweep_departures(now=NOW).left == 0

    def test_an_enrolment_that_is_gone_altogether_has_not_been_left(self) -> None:
        """Who leaves keeps a row: this one is for staff to repair, and nothing is given back."""
        redemption = self.pay()
        CourseEnrollment.objects.all().delete()
        swept = checkout_operations.sweep_departures(now=NOW)
        assert (swept.missing, swept.left, swept.given_back) == (1, 0, 0)
        redemption.refresh_from_db()
        assert (redemption.missing_since, redemption.left_at) == (NOW, None)
        assert checkout_operations.sweep_departures(now=NOW + DAY).missing == 1
        redemption.refresh_from_db()
        assert redemption.missing_since == NOW

    def test_who_had_left_before_the_row_went_has_left(self) -> None:
        TokenSettings.objects.create()
        redemption = self.redeem()
        EnrolmentSettings.objects.update(unenrolment_policy="never")
        self.leave()
        checkout_operations.sweep_departures(now=NOW)
        CourseEnrollment.objects.all().delete()
        assert checkout_operations.sweep_departures(now=NOW).missing == 0
        redemption.refresh_from_db()
        assert redemption.left_at == NOW

    def test_one_that_fails_doesnt_stop_the_others(self) -> None:
        first = self.redeem()
        Redemption.objects.update(method="gone")
        self.leave()
        swept = checkout_operations.sweep_departures(now=NOW)
        assert (swept.failed, swept.given_back) == (1, 0)
        first.refresh_from_db()
        assert first.state == "completed"

    @ddt.data(ValueError("odd"), IntegrityError("a row that nobody thought of"))
    def test_what_nobody_thought_of_keeps_nobody_waiting(self, error: Exception) -> None:
        self.redeem()
        self.leave()
        with mock.patch("token_payments.checkout.reversals.get_rule", side_effect=error):
            assert checkout_operations.sweep_departures(now=NOW).failed == 1
        assert checkout_operations.sweep_departures(now=NOW).given_back == 1

    def test_a_database_that_is_away_ends_it(self) -> None:
        self.redeem()
        self.leave()
        with (
            mock.patch(
                "token_payments.checkout.reversals.get_rule", side_effect=OperationalError("gone")
            ),
            self.assertRaises(OperationalError),
        ):
            checkout_operations.sweep_departures(now=NOW)

    def test_the_reason_is_in_the_sites_language(self) -> None:
        redemption = self.pay()
        self.leave()
        spoken = mock.Mock(__str__=lambda _self: str(translation.get_language()))
        with (
            mock.patch("token_payments.checkout.reversals.REASON_LEFT", spoken),
            translation.override("fr"),
        ):
            checkout_operations.sweep_departures(now=NOW)
        redemption.refresh_from_db()
        assert redemption.reversal_reason == settings.LANGUAGE_CODE

    def test_it_asks_the_host_once_for_a_page(self) -> None:
        self.pay()
        checkout_operations.sweep_departures(now=NOW)  # whatever is read once
        with self.assertNumQueries(3):
            checkout_operations.sweep_departures(now=NOW)
