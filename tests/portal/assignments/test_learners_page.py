"""Who has which token, and who redeemed it with which address: list, search, filter, file."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import ddt
from django.utils import timezone

from tests import factories
from tests.portal.assignments.base import ANN, BEN, LearnersCase
from token_payments.assignments import operations as assignment_operations
from token_payments.models import CodeAssignment
from token_payments.presenters.once import make_key

FEW = 10  # queries: two of the session, two of the transaction, two of the host's page


@ddt.ddt
class ListTests(LearnersCase):
    def listed(self, page) -> list[str]:
        return [line.assignment.email for line in page.context["lines"]]

    def search(self, **data):
        return self.post("order_learners", data)

    def test_nobody_yet_says_what_to_do(self) -> None:
        page = self.get("order_learners")
        self.assertContains(page, "No learner has been given a token of this order yet.")
        self.assertContains(page, self.url("give_tokens"))

    def test_the_newest_first_with_the_state_of_their_mail(self) -> None:
        sent, failed = self.assign(ANN), self.assign(BEN)
        self.send(sent)
        self.fail(failed.assignments.get(), "550 no such mailbox")
        page = self.get("order_learners")
        self.assertEqual(self.listed(page), [BEN, ANN])
        text = self.text(page)
        self.assertIn("550 no such mailbox", text)
        self.assertIn(f"Token ending in {sent.assignments.get().code.last_four}", text)
        self.assertIn("3 tokens can be given.", text)
        for code in factories.list_codes(self.order):
            self.assertNotContains(page, code)

    def test_who_redeemed_it_with_which_address_is_said(self) -> None:
        batch = self.assign("office@example.com", is_open=True)
        self.redeem(self.ben, batch.assignments.get())
        text = self.text(self.get("order_learners"))
        self.assertIn("office@example.com", text)
        self.assertIn("by Ben Baker with ben@example.com", text)
        self.assertIn("enrolled on", text)

    def test_a_redeemed_token_cant_be_taken_away_on_the_page(self) -> None:
        assignment = self.assign(ANN).assignments.get()
        self.redeem(self.ann, assignment)
        page = self.get("order_learners")
        for name in ("reassign_token", "take_token_back", "send_mail_again"):
            self.assertNotContains(page, self.url(name, assignment_id=assignment.pk))

    @ddt.data(
        ("", {"waiting@x.org", "sent@x.org", "failed@x.org", ANN}),
        ("waiting", {"waiting@x.org"}),
        ("unused", {"sent@x.org"}),
        ("redeemed", {ANN}),
        ("failed", {"failed@x.org"}),
        ("ended", {BEN}),
    )
    @ddt.unpack
    def test_the_filter_leaves_those_it_names(self, show, expected) -> None:
        self.assign("waiting@x.org")
        self.send(self.assign("sent@x.org"))
        self.fail(self.assign("failed@x.org").assignments.get())
        self.redeem(self.ann, self.assign(ANN).assignments.get())
        back = self.assign(BEN).assignments.get()
        assignment_operations.revoke(back.pk, actor=self.buyer, now=timezone.now())
        self.assertEqual(set(self.listed(self.search(show=show))), expected)
        self.assertEqual(set(self.listed(self.get("order_learners", {"show": show}))), expected)

    def test_a_search_finds_parts_of_names_and_addresses_also_of_who_redeemed_it(self) -> None:
        self.assign("one@x.org", "two@x.org")
        self.redeem(self.ben, self.assign("open@x.org", is_open=True).assignments.get())
        CodeAssignment.objects.filter(email="one@x.org").update(name="Zoë Müller")
        self.assertEqual(self.listed(self.search(text="müll")), ["one@x.org"])
        self.assertEqual(self.listed(self.search(text="TWO@")), ["two@x.org"])
        self.assertEqual(self.listed(self.search(text="ben@example")), ["open@x.org"])
        page = self.search(text="nobody")
        self.assertContains(page, "No learner matches.")

    def test_what_is_searched_for_is_in_no_address(self) -> None:
        self.assign(ANN)
        page = self.search(text=ANN)
        self.assertEqual((page.status_code, self.listed(page)), (200, [ANN]))
        self.assertNotIn(b"?text", page.content)
        self.assertEqual(self.listed(self.get("order_learners", {"text": "nobody"})), [ANN])

    @ddt.data(
        {"text": "a\0b"}, {"show": "x"}, {"after": "x"}, {"before": "9" * 40}, {"text": "x" * 101}
    )
    def test_nonsense_is_no_error(self, data) -> None:
        self.assign(ANN)
        self.assertEqual(self.search(**data).status_code, 200)
        self.assertEqual(self.get("order_learners", data).status_code, 200)

    def test_pages_are_turned_by_their_ids(self) -> None:
        order = factories.make_processed_order(self.item, buyer=self.buyer, quantity=120)
        self.order = order
        self.assign(*(f"p{n:03}@x.org" for n in range(120)))
        every = [f"p{n:03}@x.org" for n in reversed(range(120))]
        first = self.get("order_learners")
        self.assertEqual(self.listed(first), every[:50])
        second = self.search(after=first.context["page"].older)
        self.assertEqual(self.listed(second), every[50:100])
        third = self.search(after=second.context["page"].older)
        self.assertEqual(self.listed(third), every[100:])
        self.assertIsNone(third.context["page"].older)
        back = self.search(before=third.context["page"].newer)
        self.assertEqual(self.listed(back), every[50:100])
        self.assertEqual(self.listed(self.search(before=back.context["page"].newer)), every[:50])
        self.assertEqual(len(self.listed(self.search(text="p11"))), 10)

    def test_the_file_has_everybody_and_no_cell_is_a_formula(self) -> None:
        self.send(self.assign(ANN))
        CodeAssignment.objects.update(name="=1+1")
        self.redeem(self.ben, self.assign("open@x.org", is_open=True).assignments.get())
        answer = self.get("learners_csv")
        content = b"".join(answer.streaming_content).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(content)))
        self.assertEqual([row["E-mail"] for row in rows], ["open@x.org", ANN])
        self.assertEqual(rows[1]["Name"], "'=1+1")
        self.assertEqual((rows[0]["Redeemed with"], rows[0]["State"]), (BEN, "Redeemed"))
        for code in factories.list_codes(self.order):
            self.assertNotIn(code, content)
        answer = self.get("learners_csv", {"show": "redeemed"})
        self.assertEqual(b"".join(answer.streaming_content).count(b"\r\n"), 2)

    def test_queries_are_as_many_for_many_learners(self) -> None:
        self.assign(ANN)
        self.get("order_learners")
        with self.assertNumQueries(FEW):
            self.get("order_learners")
        self.order = factories.make_processed_order(self.item, buyer=self.buyer, quantity=60)
        batch = self.assign(*(f"p{n}@example.com" for n in range(60)))
        for number, assignment in enumerate(batch.assignments.order_by("-id")[:10]):
            user = factories.make_user(f"p{59 - number}")
            self.redeem(user, assignment)
        with self.assertNumQueries(FEW):
            self.get("order_learners")

    @ddt.data(
        ("requested", "Tokens can be given to learners once this order has been processed."),
        ("cancelled", "This order was cancelled."),
        ("past", "be redeemed any more"),
    )
    @ddt.unpack
    def test_an_order_without_tokens_to_give_says_why(self, state, text) -> None:
        if state == "past":
            self.order.redeem_by = timezone.now() - timedelta(days=1)
        else:
            self.order.status = state
        self.order.save()
        page = self.get("order_learners")
        self.assertContains(page, text)
        self.assertNotContains(page, self.url("give_tokens"))
        for name in ("give_tokens", "remind_learners"):
            self.assertRedirects(self.get(name), self.url("order_learners"))


class StrangerTests(LearnersCase):
    def test_a_strangers_order_is_not_there_and_nothing_changes(self) -> None:
        batch = self.assign(ANN)
        assignment = batch.assignments.get()
        self.fail(assignment)
        ids = {"batch_id": batch.pk, "assignment_id": assignment.pk}
        names = {
            "order_learners": (),
            "learners_csv": (),
            "give_tokens": (),
            "confirm_tokens": (),
            "learners_example": (),
            "remind_learners": (),
            "assignment_batch": ("batch_id",),
            "batch_progress": ("batch_id",),
            "send_batch_again": ("batch_id",),
            "send_mail_again": ("assignment_id",),
            "reassign_token": ("assignment_id",),
            "take_token_back": ("assignment_id",),
        }
        superuser = factories.make_user("root", is_staff=True, is_superuser=True)
        for user in (self.stranger, superuser):
            self.client.force_login(user)
            for name, parts in names.items():
                url = self.url(name, **{part: ids[part] for part in parts})
                data = {
                    "email": BEN,
                    "rows": f"{BEN}\r\n",
                    "idempotency_key": make_key(),
                    "is_open": "",
                }
                for answer in (self.client.get(url), self.client.post(url, data)):
                    self.assertEqual(answer.status_code, 404, name)
        self.client.logout()
        self.assertEqual(self.get("order_learners").status_code, 302)
        assignment.refresh_from_db()
        self.assertEqual((assignment.live, assignment.mail_state), (True, "failed"))
        self.assertEqual(self.addresses(), [ANN])

    def test_an_order_of_wallet_tokens_has_no_such_pages(self) -> None:
        self.order = factories.make_wallet_order(
            factories.make_account(managers=[self.buyer]), factories.make_type(), buyer=self.buyer
        )
        for name in ("order_learners", "learners_csv", "give_tokens", "remind_learners"):
            self.assertEqual(self.get(name).status_code, 404, name)

    def test_ids_of_another_order_are_not_there(self) -> None:
        other = factories.make_processed_order(self.item, buyer=self.buyer, quantity=1)
        batch = self.assign(ANN)
        assignment = batch.assignments.get()
        self.order = other
        for number in (batch.pk, 2**63, 10**30):
            for name in ("assignment_batch", "batch_progress", "send_batch_again"):
                self.assertEqual(
                    self.post(name, batch_id=number).status_code,
                    404 if name == "send_batch_again" else 405,
                )
                self.assertEqual(self.get(name, batch_id=number).status_code, 404)
        for number in (assignment.pk, 2**63, 10**30):
            for name in ("send_mail_again", "reassign_token", "take_token_back"):
                for answer in (
                    self.get(name, assignment_id=number),
                    self.post(name, assignment_id=number),
                ):
                    self.assertEqual(answer.status_code, 404)
        self.assertEqual(self.addresses(), [ANN])

    def test_a_helper_gives_tokens_too(self) -> None:
        assignment_operations.add_delegate(
            self.order, self.stranger, actor=self.buyer, now=timezone.now()
        )
        self.client.force_login(self.stranger)
        self.confirm(self.look(email=ANN))
        self.assertEqual(self.addresses(), [ANN])
