"""Paying with a Token Code: both or neither, once, and checked again at Finish."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from unittest import mock

import pytest
from ddt import data, ddt, unpack
from django.db import IntegrityError, connection, transaction
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from tests import factories
from tests.enqueued import no_receipts
from token_payments.checkout import operations as checkout_operations
from token_payments.checkout import queries as checkout_queries
from token_payments.checkout.models import RedemptionState
from token_payments.errors import (
    AlreadyEnrolled,
    AlreadyPaid,
    CodeNotRedeemable,
    HostRefused,
    IdempotencyConflict,
    ItemNotFound,
    NoSeats,
    NotOffered,
)
from token_payments.hosts import host
from token_payments.hosts.base import HostRefusal
from token_payments.l10n.dates import end_of_day
from token_payments.models import EnrolmentSettings, PendingTask, Redemption, TokenCode, TokenOrder
from token_payments.notifications.table import FOLLOWS
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries
from token_payments.orders.codes import hash_with_all_keys, normalise
from token_payments.outbox.steps import Step
from token_payments.webhooks import queries as webhook_queries

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
COURSE = "course-v1:Pay+P1+2026"
OTHER = "course-v1:Pay+P2+2026"


def reference(code: str) -> dict[str, str]:
    return {"hashes": ",".join(hash_with_all_keys(normalise(code)))}


class RedeemTestCase(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.item = factories.make_shop(COURSE, modes={"verified": 149})
        cls.buyer = factories.make_user("buyer")
        cls.learner = factories.make_user("learner")
        cls.order = factories.make_order(cls.item, buyer=cls.buyer, quantity=3)
        factories.process(cls.order)
        cls.codes = factories.list_codes(cls.order)

    def pay(self, learner=None, code: str | None = None, **other) -> Redemption:
        arguments = {
            "learner": learner or self.learner,
            "item_key": COURSE,
            "method": "token_code",
            "reference": reference(code or self.codes[0]),
            "idempotency_key": "key",
            "now": NOW,
        } | other
        return checkout_operations.redeem(**arguments)

    def assert_nothing_taken(self) -> None:
        assert not Redemption.objects.exists()
        assert not TokenCode.objects.filter(status="redeemed").exists()

    def enrolment(self, learner=None, key: str = COURSE):
        return host.get_enrolment(learner or self.learner, key)


class PayTest(RedeemTestCase):
    def test_enrols_in_the_paid_mode_and_records_what_was_paid(self) -> None:
        redemption = self.pay()
        assert (redemption.state, redemption.live) == (RedemptionState.COMPLETED, True)
        assert (redemption.price, redemption.currency) == (Decimal(149), "GBP")
        enrolment = self.enrolment()
        assert enrolment.is_active
        assert enrolment.mode == "verified"
        assert TokenCode.objects.get(pk=redemption.code_id).status == "redeemed"

    def test_lifts_a_learner_from_a_free_mode(self) -> None:
        factories.make_course(OTHER, modes={"audit": 0, "verified": 99})
        item = factories.make_item(OTHER)
        order = factories.make_order(item, buyer=self.buyer, quantity=1)
        factories.process(order)
        CourseEnrollment.enroll(self.learner, factories.key(OTHER), mode="audit")
        self.pay(code=factories.list_codes(order)[0], item_key=OTHER)
        assert self.enrolment(key=OTHER).mode == "verified"

    def test_the_hot_path_is_six_statements_and_the_gates_one(self) -> None:
        EnrolmentSettings.current()
        webhook_queries.is_wanted()  # cached, as the settings are
        with no_receipts(), CaptureQueriesContext(connection) as captured:
            self.pay()
        statements = [query["sql"].replace("`", '"') for query in captured]
        ours = [
            sql.split()[0]
            for sql in statements
            if sql.startswith(('INSERT INTO "token_payments_', 'UPDATE "token_payments_'))
            or 'FROM "token_payments_' in sql
        ]
        # asks for the key, the item, the code, and the gate asks
        assert ours.count("SELECT") == 4
        # the order of locks: take the code, reserve, complete
        assert [word for word in ours if word != "SELECT"] == ["UPDATE", "INSERT", "UPDATE"]


class OnceTest(RedeemTestCase):
    def test_the_same_key_answers_with_the_first_result(self) -> None:
        assert self.pay() == self.pay()
        assert Redemption.objects.count() == 1

    def test_the_same_key_answers_even_after_everything_changed(self) -> None:
        first = self.pay()
        order_operations.cancel_order(self.order.pk, actor=self.buyer, now=NOW)
        EnrolmentSettings.objects.create(enabled=False)
        assert self.pay(now=NOW + timedelta(days=400)) == first

    def test_the_same_key_with_other_arguments_is_an_error(self) -> None:
        self.pay()
        for other in (
            {"code": self.codes[1]},
            {"learner": self.buyer},
            {"item_key": OTHER},
            {"method": "wallet"},
        ):
            with pytest.raises(IdempotencyConflict):
                self.pay(**other)

    def test_a_used_code_pays_for_nobody_else(self) -> None:
        self.pay()
        with pytest.raises(CodeNotRedeemable) as caught:
            self.pay(learner=self.buyer, idempotency_key="second")
        assert caught.value.reason == "used"
        assert self.enrolment(self.buyer) is None

    def test_who_is_enrolled_burns_no_second_code(self) -> None:
        self.pay()
        with pytest.raises(AlreadyEnrolled):
            self.pay(code=self.codes[1], idempotency_key="second")
        assert order_queries.count_codes(self.order).available == 2

    def test_who_was_enrolled_by_staff_burns_no_code(self) -> None:
        CourseEnrollment.enroll(self.learner, factories.key(COURSE), mode="verified")
        with pytest.raises(AlreadyEnrolled):
            self.pay()
        self.assert_nothing_taken()

    def test_who_paid_and_left_is_enrolled_again_without_paying(self) -> None:
        first = self.pay()
        CourseEnrollment.unenroll(self.learner, factories.key(COURSE))
        with pytest.raises(AlreadyPaid):
            self.pay(code=self.codes[1], idempotency_key="second")
        assert order_queries.count_codes(self.order).available == 2
        assert checkout_operations.enrol_again(learner=self.learner, item_key=COURSE) == first
        assert self.enrolment().is_active
        assert self.enrolment().mode == "verified"

    def test_who_never_paid_is_not_enrolled_again(self) -> None:
        with pytest.raises(NotOffered):
            checkout_operations.enrol_again(learner=self.learner, item_key=COURSE)

    def test_the_database_refuses_a_second_live_redemption(self) -> None:
        first = self.pay()
        for same in ({"code": first.code}, {"learner": self.learner}):
            second = Redemption(
                learner=self.buyer,
                item=self.item,
                method="token_code",
                mode="verified",
                price=1,
                currency="GBP",
                actor=self.buyer,
                idempotency_key="other",
                created_at=NOW,
            )
            for name, value in same.items():
                setattr(second, name, value)
            with pytest.raises(IntegrityError), transaction.atomic():
                second.save()


@ddt
class RefusalTest(RedeemTestCase):
    @data("cancelled", "used", "unknown", "wrong_course", "past_redeem_by", "order_not_processed")
    def test_an_unusable_code_says_why_and_takes_nothing(self, reason: str) -> None:
        code = self.codes[0]
        match reason:
            case "cancelled":
                order_operations.cancel_order(self.order.pk, actor=self.buyer, now=NOW)
            case "used":
                TokenCode.objects.filter(serial=1).update(status="redeemed")
            case "unknown":
                TokenCode.objects.filter(serial=1).delete()
            case "wrong_course":
                factories.make_course(OTHER, modes={"verified": 99})
                TokenOrder.objects.update(item=factories.make_item(OTHER))
            case "past_redeem_by":
                TokenOrder.objects.update(redeem_by=NOW)
            case "order_not_processed":
                TokenOrder.objects.update(status="processing")
        with pytest.raises(CodeNotRedeemable) as caught:
            self.pay(code=code)
        assert caught.value.reason == reason
        assert (caught.value.order_id is None) == (reason == "unknown")
        assert not Redemption.objects.exists()
        assert self.enrolment() is None

    def test_redeem_by_includes_its_whole_local_day(self) -> None:
        end = end_of_day(NOW.date())
        TokenOrder.objects.update(redeem_by=end)
        self.pay(now=end - timedelta(microseconds=1))
        with pytest.raises(CodeNotRedeemable):
            self.pay(learner=self.buyer, code=self.codes[1], idempotency_key="b", now=end)

    @data(
        ("closed", {"enrollment_end": NOW - timedelta(days=365)}),
        ("full", {"max_student_enrollments_allowed": 0}),
        ("invitation_only", {"invitation_only": True}),
    )
    @unpack
    def test_what_the_host_refuses_takes_nothing(self, reason: str, overview: dict) -> None:
        factories.change_course(COURSE, **overview)
        with pytest.raises((HostRefused, NoSeats)) as caught:
            self.pay()
        assert caught.value.reason in (reason, "no_seats")
        self.assert_nothing_taken()
        assert order_queries.count_codes(self.order).available == 3

    def test_seats_end_where_the_item_says(self) -> None:
        self.item.seats = 1
        self.item.save()
        self.pay()
        with pytest.raises(NoSeats):
            self.pay(learner=self.buyer, code=self.codes[1], idempotency_key="b")
        assert order_queries.count_codes(self.order).available == 2

    def test_a_crash_of_the_host_takes_nothing(self) -> None:
        adapter = host.__class__
        with (
            mock.patch.object(adapter, "enrol", side_effect=RuntimeError("boom")),
            pytest.raises(RuntimeError),
        ):
            self.pay()
        self.assert_nothing_taken()

    @data("paid off", "item free", "no method", "not in the catalogue")
    def test_what_is_not_for_sale_is_not_offered(self, case: str) -> None:
        match case:
            case "paid off":
                EnrolmentSettings(enabled=False, override_allowed=True).save()
            case "item free":
                type(self.item).objects.update(enrolment_method="free")
            case "no method":
                self.item.payment_methods.all().delete()
        item_key = "course-v1:No+Such+Course" if case == "not in the catalogue" else COURSE
        with pytest.raises((NotOffered, ItemNotFound)):
            self.pay(item_key=item_key)
        self.assert_nothing_taken()


class GroupTest(RedeemTestCase):
    def setUp(self) -> None:
        factories.make_group(COURSE, "Cohort A")
        TokenOrder.objects.update(group_name="Cohort A")

    def test_the_learner_joins_the_orders_group_after_the_commit(self) -> None:
        with self.captureOnCommitCallbacks(execute=True):
            redemption = self.pay()
        redemption.refresh_from_db()
        assert redemption.group_state == "placed"
        assert factories.group_of(self.learner, COURSE) == "Cohort A"

    def test_a_group_that_is_gone_never_undoes_the_enrolment(self) -> None:
        TokenOrder.objects.update(group_name="Gone")
        with self.captureOnCommitCallbacks(execute=True):
            redemption = self.pay()
        redemption.refresh_from_db()
        assert redemption.group_state == "failed"
        assert self.enrolment().is_active

    def test_placing_again_after_the_group_was_made(self) -> None:
        TokenOrder.objects.update(group_name="Later")
        with self.captureOnCommitCallbacks(execute=True):
            redemption = self.pay()
        factories.make_group(COURSE, "Later")
        assert checkout_operations.place_in_group(redemption, now=timezone.now()) == "placed"


class ReasonTest(RedeemTestCase):
    def test_buyer_and_staff_may_know_why_but_strangers_may_not(self) -> None:
        staff = factories.make_user("staff", is_superuser=True, is_staff=True)
        assert checkout_queries.may_know_reason(self.buyer, self.order.pk)
        assert checkout_queries.may_know_reason(staff, self.order.pk)
        assert not checkout_queries.may_know_reason(self.learner, self.order.pk)
        assert not checkout_queries.may_know_reason(self.buyer, None)


class ToldTests(RedeemTestCase):
    def test_whoever_is_told_is_told_in_the_payments_own_transaction_and_once(self) -> None:
        told = mock.Mock()
        with mock.patch.dict(FOLLOWS, {Step.REDEEMED: (told,)}):
            paid = self.pay()
            assert self.pay() == paid
        told.assert_called_once_with(paid)

    def test_nothing_is_taken_when_it_can_not_be_written_down(self) -> None:
        broken = mock.Mock(side_effect=RuntimeError)
        follows = mock.patch.dict(FOLLOWS, {Step.REDEEMED: (broken,)})
        with follows, pytest.raises(RuntimeError):
            self.pay()
        self.assert_nothing_taken()
        assert self.enrolment() is None

    def test_nobody_is_told_of_a_payment_that_the_host_refuses(self) -> None:
        refused = HostRefused(HostRefusal.CLOSED)
        refuse = mock.patch.object(host.__class__, "enrol", side_effect=refused)
        with refuse, pytest.raises(HostRefused):
            self.pay()
        assert not PendingTask.objects.exists()
        self.assert_nothing_taken()
