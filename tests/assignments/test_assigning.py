"""Assigning codes: who may use them, taking them back, reminding, and who is told once."""

from __future__ import annotations

from datetime import timedelta
from unittest import mock

import ddt
import pytest
from django.db import IntegrityError, transaction

from tests import factories
from tests.assignments.base import ANN, BEN, NOW, AssignmentTestCase
from token_payments.assignments import access, giving, mails, operations, queries
from token_payments.assignments import queries as assignment_queries
from token_payments.assignments.giving import Recipient
from token_payments.doctor import examine
from token_payments.errors import (
    CodeNotRedeemable,
    IdempotencyConflict,
    InvalidTransition,
    NotEnoughUnused,
)
from token_payments.models import CodeAssignment, CodeStatus, MailState, TokenCode
from token_payments.orders import queries as order_queries
from token_payments.wallets import operations as wallet_operations


@ddt.ddt
class AssignTests(AssignmentTestCase):
    def test_each_gets_a_code_of_their_own_the_first_ones_first(self):
        batch = self.assign(ANN, BEN)
        rows = batch.assignments.values_list("code__serial", "email", "name", "mail_state")
        assert list(rows) == [
            (1, "ann@example.com", "Ann Lee", "waiting"),
            (2, "ben@example.com", "", "waiting"),
        ]
        assert assignment_queries.list_unassigned(self.order).count() == 1

    def test_only_whom_it_is_for_can_redeem_it(self):
        code = self.code_of(self.assign(ANN))
        with pytest.raises(CodeNotRedeemable) as caught:
            factories.redeem(self.ben, self.item, code)
        assert (caught.value.reason, caught.value.holder) == ("assigned", "ann@example.com")
        assert factories.redeem(self.ann, self.item, code).state == "completed"

    def test_the_case_of_the_address_does_not_matter(self):
        code = self.code_of(self.assign(Recipient("ANN@Example.com")))
        self.ann.email = "Ann@EXAMPLE.com"
        self.ann.save()
        assert factories.redeem(self.ann, self.item, code).state == "completed"

    def test_an_open_one_can_be_redeemed_by_whoever_has_it(self):
        code = self.code_of(self.assign(ANN, is_open=True))
        assert factories.redeem(self.ben, self.item, code).state == "completed"

    def test_the_same_request_assigns_once(self):
        first = self.assign(ANN, BEN, idempotency_key="once")
        assert self.assign(ANN, BEN, idempotency_key="once") == first
        assert CodeAssignment.objects.count() == 2
        with pytest.raises(IdempotencyConflict):
            self.assign(ANN, idempotency_key="once")

    def test_a_key_doesnt_stand_for_another_name_or_for_whoever_has_the_code(self):
        self.assign(ANN, idempotency_key="once")
        for other in ({"is_open": True}, {"name": "Somebody Else"}):
            recipient = operations.Recipient(ANN.email, other.pop("name", ANN.name))
            with pytest.raises(IdempotencyConflict):
                self.assign(recipient, idempotency_key="once", **other)

    def test_more_than_there_are_get_none(self):
        with pytest.raises(NotEnoughUnused) as caught:
            self.assign(ANN, BEN, *(Recipient(f"{n}@example.com") for n in range(2)))
        assert (caught.value.wanted, caught.value.available) == (4, 3)
        assert not CodeAssignment.objects.exists()

    def test_redeemed_and_cancelled_codes_are_given_to_nobody(self):
        factories.redeem(self.ben, self.item, factories.list_codes(self.order)[0])
        batch = self.assign(ANN)
        assert batch.assignments.get().code.serial == 2

    def test_an_order_without_codes_has_none_to_give(self):
        order = factories.make_order(self.item, buyer=self.buyer)
        with pytest.raises(InvalidTransition):
            operations.assign_codes(order.pk, [ANN], actor=self.buyer, idempotency_key="a", now=NOW)

    @ddt.data(0, 5001)
    def test_none_and_too_many_are_refused(self, number):
        with pytest.raises(ValueError, match="recipients"):
            self.assign(*[ANN] * number)

    def test_the_database_allows_one_live_assignment_of_a_code(self):
        assignment = self.assign(ANN).assignments.get()
        with pytest.raises(IntegrityError), transaction.atomic():
            CodeAssignment.objects.create(
                batch=assignment.batch, code=assignment.code, email="x@example.com", created_at=NOW
            )

    def test_whom_codes_are_for_sees_them_until_they_are_used(self):
        batch = self.assign(ANN)
        assert [
            each.code.order for each in assignment_queries.list_codes_for(self.ann, now=NOW)
        ] == [self.order]
        assert not assignment_queries.list_codes_for(self.ben, now=NOW)
        factories.redeem(self.ann, self.item, self.code_of(batch))
        assert not assignment_queries.list_codes_for(self.ann, now=NOW)


class TakeBackTests(AssignmentTestCase):
    def test_the_old_code_dies_and_a_new_one_is_in_its_place(self):
        batch = self.assign(ANN)
        old = self.code_of(batch)
        fresh = operations.revoke(batch.assignments.get().pk, actor=self.buyer, now=NOW)
        assert (fresh.serial, fresh.status, fresh.replaces.serial) == (4, "available", 1)
        with pytest.raises(CodeNotRedeemable) as caught:
            factories.redeem(self.ann, self.item, old)
        assert caught.value.reason == "cancelled"
        written = dict(order_queries.iterate_codes(self.order))[fresh]
        assert factories.redeem(self.ben, self.item, written).state == "completed"

    def test_counts_stay_those_of_the_order(self):
        operations.revoke(self.assign(ANN).assignments.get().pk, actor=self.buyer, now=NOW)
        assert order_queries.count_codes(self.order) == order_queries.OrderCounts(available=3)
        assert TokenCode.objects.filter(status=CodeStatus.REPLACED).count() == 1

    def test_the_doctor_counts_the_new_one_in_its_place(self):
        operations.revoke(self.assign(ANN).assignments.get().pk, actor=self.buyer, now=NOW)
        assert list(examine(now=NOW, checks=["order_codes", "code_cancellations"])) == []
        TokenCode.objects.filter(replaces__isnull=False).update(status=CodeStatus.REPLACED)
        [finding] = examine(now=NOW, checks=["order_codes"])
        assert self.order.number in finding.subject

    def test_doing_it_again_makes_no_second_one(self):
        assignment = self.assign(ANN).assignments.get()
        first = operations.revoke(assignment.pk, actor=self.buyer, now=NOW)
        assert operations.revoke(assignment.pk, actor=self.buyer, now=NOW) == first
        assert self.order.codes.count() == 4

    def test_a_redeemed_one_stays(self):
        batch = self.assign(ANN)
        factories.redeem(self.ann, self.item, self.code_of(batch))
        with pytest.raises(InvalidTransition):
            operations.revoke(batch.assignments.get().pk, actor=self.buyer, now=NOW)
        assert batch.assignments.get().live

    def test_reassigned_it_is_somebody_elses(self):
        assignment = self.assign(ANN).assignments.get()
        arguments = {"actor": self.buyer, "idempotency_key": "again", "now": NOW}
        batch = operations.reassign(assignment.pk, BEN, **arguments)
        assert operations.reassign(assignment.pk, BEN, **arguments) == batch
        code = self.code_of(batch)
        with pytest.raises(CodeNotRedeemable):
            factories.redeem(self.ann, self.item, code)
        assert factories.redeem(self.ben, self.item, code).state == "completed"
        with pytest.raises(IdempotencyConflict):
            operations.reassign(assignment.pk, ANN, **arguments)
        other = self.assign(ANN).assignments.get()
        with pytest.raises(IdempotencyConflict):
            operations.reassign(other.pk, BEN, **arguments)
        assert other.live


class MailTests(AssignmentTestCase):
    def test_one_worker_alone_gets_a_mail(self):
        assignment = self.assign(ANN).assignments.get()
        assert mails.claim_mail(assignment.pk, now=NOW)
        assert mails.claim_mail(assignment.pk, now=NOW) is None
        mails.confirm_mail(assignment.pk, now=NOW)
        assert mails.claim_mail(assignment.pk, now=NOW) is None

    def test_used_and_taken_back_codes_are_mailed_to_nobody(self):
        used, back = self.assign(ANN), self.assign(BEN)
        factories.redeem(self.ann, self.item, self.code_of(used))
        operations.revoke(back.assignments.get().pk, actor=self.buyer, now=NOW)
        for batch in (used, back):
            assert mails.claim_mail(batch.assignments.get().pk, now=NOW) is None

    def test_a_failed_mail_says_why_and_may_be_sent_again(self):
        assignment = self.assign(ANN).assignments.get()
        mails.claim_mail(assignment.pk, now=NOW)
        mails.fail_mail(assignment.pk, error="mailbox full")
        assignment.refresh_from_db()
        assert (assignment.mail_state, assignment.mail_error) == (MailState.FAILED, "mailbox full")
        assert mails.send_again(assignment.pk, now=NOW)
        assert mails.claim_mail(assignment.pk, now=NOW).mail_error == ""

    def test_a_mail_whose_worker_died_waits_for_a_person(self):
        assignment = self.assign(ANN).assignments.get()
        mails.claim_mail(assignment.pk, now=NOW)
        assert not mails.send_again(assignment.pk, now=NOW + timedelta(minutes=14))
        assert mails.send_again(assignment.pk, now=NOW + timedelta(minutes=15))

    def test_progress_adds_up(self):
        batch = self.assign(ANN, BEN)
        first = batch.assignments.first()
        mails.claim_mail(first.pk, now=NOW)
        progress = queries.measure_progress(batch, now=NOW)
        assert progress == queries.MailProgress(waiting=1, sending=1)
        assert not progress.is_done

    def test_reminded_not_more_than_once_a_day_and_only_who_has_not_used_it(self):
        batch = self.assign(ANN, BEN)
        self.send(batch)
        factories.redeem(self.ben, self.item, factories.list_codes(self.order)[1])
        tomorrow = NOW + timedelta(days=1)
        arguments = {"actor": self.buyer}
        just_before = tomorrow - timedelta(seconds=1)
        assert mails.remind(self.order.pk, now=just_before, **arguments) == []
        (reminded,) = mails.remind(self.order.pk, now=tomorrow, **arguments)
        assert mails.remind(self.order.pk, now=tomorrow, **arguments) == []
        assignment = CodeAssignment.objects.get(pk=reminded)
        assert (assignment.email, assignment.reminders) == ("ann@example.com", 1)
        assert mails.claim_mail(reminded, now=tomorrow)


class LookingAfterTests(AssignmentTestCase):
    def test_buyer_delegates_and_managers_of_the_account_look_after_an_order(self):
        delegate, manager, member = map(factories.make_user, ("dora", "mia", "max"))
        account = factories.make_account(members=[member])
        wallet_operations.set_member(account, manager, "manager", actor=self.buyer)
        self.order.account = account
        self.order.save()
        operations.add_delegate(self.order, delegate, actor=self.buyer, now=NOW)
        for user in (self.buyer, delegate, manager):
            assert access.find_order_of(user, self.order.pk) == self.order
        for user in (member, self.ann):
            assert access.find_order_of(user, self.order.pk) is None
        with (
            mock.patch.object(giving, "add_log_entry", side_effect=KeyError),
            pytest.raises(KeyError),
        ):
            operations.remove_delegate(self.order, delegate, actor=self.buyer, now=NOW)
        assert access.find_order_of(delegate, self.order.pk) == self.order
        assert operations.remove_delegate(self.order, delegate, actor=self.buyer, now=NOW)
        assert access.find_order_of(delegate, self.order.pk) is None
