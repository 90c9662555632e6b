"""From a list to tokens, in one step: who holds one, what changed meanwhile, once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests import factories
from tests.assignments.base import ANN, BEN, NOW, AssignmentTestCase
from token_payments.assignments import mails, operations, previews
from token_payments.assignments import queries as assignment_queries
from token_payments.assignments.rows import Row, Verdict
from token_payments.errors import IdempotencyConflict, InvalidTransition, ListChanged
from token_payments.models import AssignmentBatch, CodeAssignment, TokenCode
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries

ROWS = [Row(1, "Ann Lee", ANN.email), Row(2, "", BEN.email)]


class AssignListTests(AssignmentTestCase):
    def give(self, rows=ROWS, key="once", **other):
        arguments = {"actor": self.buyer, "idempotency_key": key, "now": NOW, **other}
        return previews.assign_list(self.order.pk, rows, **arguments)

    def test_each_row_gets_a_code_and_the_same_request_gives_once(self):
        batch = self.give()
        assert self.give() == batch
        rows = batch.assignments.values_list("name", "email")
        assert list(rows) == [("Ann Lee", ANN.email), ("", BEN.email)]

    def test_the_key_is_looked_up_before_any_rule(self):
        batch = self.give()
        operations.revoke(batch.assignments.first().pk, actor=self.buyer, now=NOW)
        order_operations.cancel_order(self.order.pk, actor=self.buyer, now=NOW)
        assert self.give() == batch
        with pytest.raises(IdempotencyConflict):
            self.give(ROWS[:1])

    def test_one_bad_row_and_nobody_gets_a_code(self):
        self.assign(BEN)
        with pytest.raises(ListChanged) as caught:
            self.give()
        assert [row.verdict for row in caught.value.rows] == [Verdict.OK, Verdict.ASSIGNED]
        assert CodeAssignment.objects.count() == 1

    def test_after_the_last_day_nobody_gets_a_code(self):
        self.order.redeem_by = NOW
        self.order.save()
        with pytest.raises(InvalidTransition) as caught:
            self.give()
        assert caught.value.state == "past_redeem_by"
        assert self.give(now=NOW - timedelta(seconds=1)).quantity == 2


class HolderTests(AssignmentTestCase):
    def test_holders_have_a_live_code_or_have_redeemed_one(self):
        back = self.assign(operations.Recipient("back@example.com"))
        operations.revoke(back.assignments.get().pk, actor=self.buyer, now=NOW)
        self.assign(ANN)
        self.ben.email = "BEN@Example.com"
        self.ben.save()
        code = order_queries.find_code(factories.list_codes(self.order)[1])
        factories.redeem(self.ben, self.item, dict(order_queries.iterate_codes(self.order))[code])
        assert previews.list_holders(self.order) == {ANN.email, BEN.email}

    def test_whose_code_was_cancelled_may_get_another(self):
        assignment = self.assign(ANN).assignments.get()
        TokenCode.objects.filter(pk=assignment.code_id).update(status="cancelled")
        assert previews.list_holders(self.order) == set()


class ReassignTests(AssignmentTestCase):
    def reassign(self, assignment, email, key="k"):
        arguments = {"actor": self.buyer, "idempotency_key": key, "now": NOW}
        return previews.reassign_to(assignment.pk, Row(1, "", email), **arguments)

    def test_who_holds_another_code_gets_no_second(self):
        first, _ = self.assign(ANN, BEN).assignments.all()
        for email in (BEN.email, "nobody@"):
            with pytest.raises(ListChanged):
                self.reassign(first, email)
        first.refresh_from_db()
        assert first.live

    def test_the_holder_may_get_a_new_code(self):
        first = self.assign(ANN).assignments.get()
        batch = self.reassign(first, ANN.email)
        assert self.reassign(first, ANN.email) == batch
        assert batch.assignments.get().code.replaces == first.code

    def test_a_code_that_was_taken_back_is_not_given_on(self):
        first = self.assign(ANN).assignments.get()
        fresh = operations.revoke(first.pk, actor=self.buyer, now=NOW)
        text = dict(order_queries.iterate_codes(self.order))[fresh]
        factories.redeem(self.ben, self.item, text)
        with pytest.raises(InvalidTransition) as caught:
            self.reassign(first, "carl@example.com")
        assert caught.value.state == "ended"
        assert not CodeAssignment.objects.filter(live=True).exists()


class MailTests(AssignmentTestCase):
    def progress(self, batch, now=NOW):
        return assignment_queries.measure_progress(batch, now=now)

    def test_of_used_codes_no_mail_is_waited_for_or_sent_again(self):
        batch = self.assign(ANN, BEN)
        first, second = batch.assignments.all()
        mails.claim_mail(first.pk, now=NOW)
        mails.fail_mail(first.pk, error="no")
        codes = dict(order_queries.iterate_codes(self.order))
        for user, each in ((self.ann, first), (self.ben, second)):
            factories.redeem(user, self.item, codes[each.code])
        assert self.progress(batch) == assignment_queries.MailProgress(needless=2)
        assert self.progress(batch).is_done
        assert not mails.send_again(first.pk, now=NOW)
        assert mails.send_batch_again(batch, now=NOW) == 0

    def test_a_batch_is_sent_again_where_it_failed_or_nobody_knows(self):
        batch = self.assign(ANN, BEN, operations.Recipient("carl@example.com"))
        first, second, third = batch.assignments.all()
        for each in (first, second, third):
            mails.claim_mail(each.pk, now=NOW)
        mails.fail_mail(first.pk, error="no")
        mails.confirm_mail(second.pk, now=NOW)
        later = NOW + timedelta(minutes=15)
        assert self.progress(batch, later) == assignment_queries.MailProgress(
            sent=1, failed=1, stale=1
        )
        assert mails.send_batch_again(batch, now=NOW) == 1
        assert mails.send_batch_again(batch, now=later) == 1
        assert self.progress(batch, later) == assignment_queries.MailProgress(sent=1, waiting=2)

    def test_nobody_is_reminded_of_codes_that_cant_be_redeemed_any_more(self):
        self.send(self.assign(ANN))
        self.order.redeem_by = timezone.now()
        self.order.save()
        with pytest.raises(InvalidTransition):
            mails.remind(self.order.pk, actor=self.buyer, now=NOW + timedelta(days=400))

    def test_the_listing_goes_through_every_page(self):
        self.assign(ANN, BEN, operations.Recipient("carl@example.com"))
        rows = assignment_queries.list_assignments(self.order)
        from token_payments.assignments import access as queries

        old, queries.PAGE = queries.PAGE, 2
        try:
            pages = [
                [row.email for row in page] for page in assignment_queries.iterate_assignments(rows)
            ]
        finally:
            queries.PAGE = old
        assert pages == [["carl@example.com", BEN.email], [ANN.email]]

    def test_the_newest_come_first_over_all_batches(self):
        for each in (ANN, BEN, operations.Recipient("carl@example.com")):
            self.assign(each)
        rows = list(assignment_queries.list_assignments(self.order))
        assert rows == sorted(rows, key=lambda row: row.pk, reverse=True)

    def test_no_page_sorts_every_learner_of_the_order(self):
        """By batch, then by id: both come from an index. Servers plan by what a table holds."""
        rows = assignment_queries.list_assignments(self.order)
        for page in (rows[:50], rows.filter(pk__lt=7)[:50], rows.filter(pk__gt=7).reverse()[:50]):
            ordering = str(page.query).partition("ORDER BY")[2]
            assert re.findall(r"""["`](\w+)["`]\.["`](\w+)["`]""", ordering) == [
                (AssignmentBatch._meta.db_table, "id"),
                (CodeAssignment._meta.db_table, "id"),
            ]
            if connection.vendor == "sqlite":
                assert "TEMP B-TREE" not in page.explain()


class PesteredTests(AssignmentTestCase):
    """Whoever gives and takes back mails the learner each time."""

    def give(self, number: int, *, now=NOW):
        batch = previews.assign_list(
            self.order.pk,
            ROWS[:1],
            actor=self.buyer,
            idempotency_key=f"again{number}",
            now=now,
        )
        operations.revoke(batch.assignments.get().pk, actor=self.buyer, now=now)

    def test_given_and_taken_back_again_and_again_somebody_is_left_alone_for_a_day(self):
        for number in range(previews.MAX_MAILED):
            self.give(number)
        with pytest.raises(ListChanged) as caught:
            self.give(99)
        assert [row.verdict for row in caught.value.rows] == [Verdict.TOO_OFTEN]
        judged = previews.preview_list(self.order, ROWS, now=NOW)
        assert [row.verdict for row in judged] == [Verdict.TOO_OFTEN, Verdict.OK]
        self.give(99, now=NOW + timedelta(days=1))

    def test_neither_can_somebody_be_given_the_same_token_anew_for_ever(self):
        assignment = self.assign(ANN).assignments.get()
        for number in range(1, previews.MAX_MAILED):
            assignment = self.reassign(assignment, number).assignments.get()
        with pytest.raises(ListChanged):
            self.reassign(assignment, 99)
        assert CodeAssignment.objects.get(live=True) == assignment

    def reassign(self, assignment, number: int):
        by = {"actor": self.buyer, "idempotency_key": f"r{number}", "now": NOW}
        return previews.reassign_to(assignment.pk, ROWS[0], **by)
