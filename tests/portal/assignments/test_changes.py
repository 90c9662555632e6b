"""Mails' progress, sending again, reminding, giving to somebody else, taking back."""

from __future__ import annotations

from datetime import timedelta

import ddt
import pytest
from django.http import HttpResponse
from django.utils import timezone

from tests import factories
from tests.portal.assignments.base import ANN, BEN, LearnersCase
from tests.portal.told import WARNING, assert_told
from token_payments.assignments import operations as assignment_operations
from token_payments.errors import CodeNotRedeemable
from token_payments.models import CodeAssignment, MailState
from token_payments.orders import queries as order_queries
from token_payments.portal.assignments.learners import DONE
from token_payments.presenters.once import make_key

FEW = 12  # queries


class BatchTests(LearnersCase):
    def batch_page(self, batch, **data):
        return self.get("assignment_batch", data, batch_id=batch.pk)

    def progress(self, batch):
        return self.get("batch_progress", batch_id=batch.pk).json()

    def test_progress_is_told_to_the_page_and_to_its_script(self) -> None:
        batch = self.assign(ANN, BEN, "carl@x.org")
        page = self.batch_page(batch)
        self.assertContains(page, self.url("batch_progress", batch_id=batch.pk))
        self.assertContains(page, "assignments.js")
        first, second, _ = batch.assignments.all()
        assignment_operations.claim_mail(first.pk, now=timezone.now())
        assignment_operations.confirm_mail(first.pk, now=timezone.now())
        self.fail(second)
        numbers = self.progress(batch)
        self.assertEqual(
            [numbers[name] for name in ("sent", "failed", "waiting", "total", "is_done")],
            [1, 1, 1, 3, False],
        )

    def test_failed_ones_come_first_with_why(self) -> None:
        batch = self.assign(ANN, BEN)
        first, second = batch.assignments.all()
        assignment_operations.claim_mail(first.pk, now=timezone.now())
        assignment_operations.confirm_mail(first.pk, now=timezone.now())
        self.fail(second, "550 no such mailbox")
        page = self.batch_page(batch)
        self.assertEqual([line.assignment.email for line in page.context["lines"]], [BEN, ANN])
        self.assertContains(page, "550 no such mailbox")
        self.assertContains(page, "1 mail needs your attention.")
        self.assertNotContains(page, "assignments.js")

    def test_failed_ones_are_sent_again_and_others_are_not(self) -> None:
        batch = self.assign(ANN, BEN)
        first, second = batch.assignments.all()
        assignment_operations.claim_mail(first.pk, now=timezone.now())
        assignment_operations.confirm_mail(first.pk, now=timezone.now())
        self.fail(second)
        answer = self.post("send_batch_again", batch_id=batch.pk)
        self.assertRedirects(answer, self.url("assignment_batch", batch_id=batch.pk))
        self.queue.assert_called_once_with(self.order.pk)
        states = batch.assignments.order_by("id").values_list("mail_state", flat=True)
        self.assertEqual(list(states), ["sent", "waiting"])

    def test_one_failed_mail_is_sent_again(self) -> None:
        assignment = self.assign(ANN).assignments.get()
        ids = {"assignment_id": assignment.pk}
        answer = self.post("send_mail_again", **ids)
        assert_told(self, answer, self.url("order_learners"), DONE["not_queued"], how=WARNING)
        self.queue.assert_not_called()
        self.fail(assignment)
        answer = self.post("send_mail_again", **ids)
        assert_told(self, answer, self.url("order_learners"), DONE["queued"])
        self.queue.assert_called_once_with(self.order.pk)

    def test_a_mail_whose_fate_is_unknown_is_said_to_be(self) -> None:
        batch = self.assign(ANN)
        assignment = batch.assignments.get()
        assignment_operations.claim_mail(assignment.pk, now=timezone.now() - timedelta(minutes=16))
        page = self.batch_page(batch)
        self.assertContains(page, "nobody knows whether it arrived")
        self.assertContains(page, "Not known whether it was sent")
        self.assertTrue(self.progress(batch)["is_done"])
        self.post("send_batch_again", batch_id=batch.pk)
        assignment.refresh_from_db()
        self.assertEqual(assignment.mail_state, MailState.WAITING)

    def test_mails_that_wait_long_can_be_started_again(self) -> None:
        batch = self.assign(ANN, now=timezone.now() - timedelta(minutes=3))
        self.assertContains(self.batch_page(batch), "Start sending again")
        self.post("send_batch_again", batch_id=batch.pk)
        self.queue.assert_called_once_with(self.order.pk)

    def test_mails_of_tokens_that_were_used_before_are_not_waited_for(self) -> None:
        batch = self.assign(ANN)
        self.redeem(self.ann, batch.assignments.get())
        self.assertTrue(self.progress(batch)["is_done"])
        self.assertContains(self.batch_page(batch), "1 mail isn't needed any more")

    def test_what_was_taken_back_since_is_counted(self) -> None:
        batch = self.assign(ANN, BEN)
        assignment_operations.revoke(
            batch.assignments.first().pk, actor=self.buyer, now=timezone.now()
        )
        self.assertContains(self.batch_page(batch), "1 of these tokens was taken back")

    def test_queries_are_as_many_for_many_rows(self) -> None:
        batch = self.assign(ANN)
        self.batch_page(batch)
        with self.assertNumQueries(FEW):
            self.batch_page(batch)
        self.order = factories.make_processed_order(self.item, buyer=self.buyer, quantity=150)
        many = self.assign(*(f"p{n}@x.org" for n in range(150)))
        with self.assertNumQueries(FEW):
            page = self.batch_page(many)
        self.assertEqual(len(page.context["lines"]), 100)
        self.assertEqual(len(self.batch_page(many, page=2).context["lines"]), 50)


class RemindTests(LearnersCase):
    def test_it_says_how_many_and_reminds_nobody_twice_a_day(self) -> None:
        self.send(self.assign(ANN, BEN), now=timezone.now() - timedelta(days=2))
        self.send(self.assign("new@x.org"))
        self.redeem(self.ben, CodeAssignment.objects.get(email=BEN))
        self.assertContains(self.get("remind_learners"), "Remind 1 learner?")
        self.queue.assert_not_called()
        answer = self.post("remind_learners")
        self.assertContains(self.client.get(answer["Location"]), "1 learner is being reminded")
        self.queue.assert_called_once_with(self.order.pk)
        row = CodeAssignment.objects.get(email=ANN)
        self.assertEqual((row.reminders, row.mail_state), (1, "waiting"))
        again = self.post("remind_learners")
        self.assertContains(self.client.get(again["Location"]), "Nobody needs reminding")
        self.queue.assert_called_once()
        assert_told(
            self,
            self.get("remind_learners"),
            self.url("order_learners"),
            DONE["nobody"],
            how=WARNING,
        )


@ddt.ddt
class TakeBackTests(LearnersCase):
    def setUp(self) -> None:
        super().setUp()
        self.assignment = self.assign(ANN).assignments.get()
        self.ids = {"assignment_id": self.assignment.pk}
        self.code = self.code_of(self.assignment)

    def reassign(self, key=None, **data):
        data = {"email": BEN, "idempotency_key": key or make_key(), **data}
        return self.post("reassign_token", data, **self.ids)

    def assert_refused(self, answer: HttpResponse, done: str) -> None:
        assert_told(self, answer, self.url("order_learners"), DONE[done], how=WARNING)

    def assert_dead(self) -> None:
        with pytest.raises(CodeNotRedeemable):
            factories.redeem(self.ann, self.item, self.code)

    def test_asked_first_then_the_old_code_dies_and_nobody_is_mailed(self) -> None:
        page = self.get("take_token_back", **self.ids)
        self.assertContains(page, "The learner is not told.")
        self.assertEqual(self.addresses(), [ANN])
        answer = self.post("take_token_back", **self.ids)
        self.assertContains(self.client.get(answer["Location"]), "The token was taken back")
        self.assertEqual(self.addresses(), [])
        self.assertEqual(order_queries.count_codes(self.order).available, 5)
        self.queue.assert_not_called()
        self.assert_dead()

    def test_taken_back_twice_there_is_one_new_token(self) -> None:
        for _ in range(2):
            self.post("take_token_back", **self.ids)
        self.assertEqual(self.order.codes.count(), 6)

    def test_reassigned_the_new_learner_alone_can_use_it(self) -> None:
        self.assertContains(self.get("reassign_token", **self.ids), ANN)
        answer = self.reassign(name="Ben Baker")
        self.assertIn("/batches/", answer["Location"])
        self.queue.assert_called_once_with(self.order.pk)
        self.assertEqual(self.addresses(), [BEN])
        self.assert_dead()
        self.redeem(self.ben, CodeAssignment.objects.get(live=True))

    def test_the_same_learner_may_get_a_new_code(self) -> None:
        self.reassign(email=ANN.upper())
        self.assertEqual(self.addresses(), [ANN])
        self.assert_dead()
        self.redeem(self.ann, CodeAssignment.objects.get(live=True))

    def test_sent_twice_it_is_reassigned_once(self) -> None:
        key = make_key()
        first, second = self.reassign(key), self.reassign(key)
        self.assertEqual(first["Location"], second["Location"])
        self.assertEqual(self.order.codes.count(), 6)
        answer = self.reassign(key, email="carl@x.org")
        self.assert_refused(answer, "conflict")

    @ddt.data(
        ("", "Enter the e-mail address of whoever gets the token."),
        ("nobody@", "This is not an e-mail address"),
        ("holder@x.org", "This person has a token of this order already"),
        ("x" * 300, "at most 254 characters"),
        ("a\0@x.org", "Null characters"),
    )
    @ddt.unpack
    def test_a_bad_address_is_said_at_the_field_and_nothing_changes(self, email, text) -> None:
        self.assign("holder@x.org")
        page = self.reassign(email=email)
        self.assertContains(page, text)
        self.assertContains(page, "<title>Error: Reassign")
        self.assertEqual(self.addresses(), [ANN, "holder@x.org"])
        self.queue.assert_not_called()

    def test_what_was_redeemed_meanwhile_stays(self) -> None:
        self.redeem(self.ann, self.assignment)
        for name in ("take_token_back", "reassign_token"):
            self.assert_refused(self.get(name, **self.ids), "redeemed")
        self.assert_refused(self.post("take_token_back", **self.ids), "redeemed")
        self.assert_refused(self.reassign(), "redeemed")
        self.assertEqual(self.addresses(), [ANN])
        self.assertEqual(self.order.codes.count(), 5)

    def test_what_was_taken_back_meanwhile_isnt_reassigned(self) -> None:
        self.post("take_token_back", **self.ids)
        self.assert_refused(self.reassign(), "ended")
        self.assertEqual(self.addresses(), [])

    def test_a_key_is_needed(self) -> None:
        page = self.post("reassign_token", {"email": BEN, "idempotency_key": "x"}, **self.ids)
        self.assertEqual(page.status_code, 200)
        self.assertEqual(self.addresses(), [ANN])
