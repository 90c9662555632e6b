"""Paying for several members through the pages: choose, preview, pay, once."""

from __future__ import annotations

import re
from datetime import timedelta

import ddt
from django.core import mail
from django.db import connection
from django.test import TransactionTestCase
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.portal.tokens.base import COURSE, TokensCase
from token_payments.hosts import host
from token_payments.models import Account, AccountMember, EntryKind, LedgerEntry, Redemption
from token_payments.portal.tokens.forms import split_names
from token_payments.wallets import operations as wallet_operations


class EnrolCase(TokensCase):
    def choose(self, *users, names: str = "", **data):
        data = {
            "price": f"{self.gold.pk}:{self.item.pk}",
            "person": [user.pk for user in users],
            "names": names,
            **data,
        }
        return self.post(self.manager, "enrol_members", data)

    def confirm(self, preview, **changes):
        return self.post(self.manager, "pay_for_members", read_hidden(preview) | changes)

    def is_enrolled(self, user) -> bool:
        enrolment = host.get_enrolment(user, COURSE)
        return enrolment is not None and enrolment.is_active


def read_hidden(preview) -> dict[str, list[str]]:
    """What the preview's form carries."""
    form: dict[str, list[str]] = {}
    for name, value in preview.context["hidden"]:
        form.setdefault(name, []).append(str(value))
    return form


@ddt.ddt
class WalkTest(EnrolCase):
    def test_the_form_offers_courses_and_members(self) -> None:
        page = self.get(self.manager, "enrol_members")
        for text in ("Fire Safety (7 Gold)", "Gold: 20 can be spent", "Ann Archer", "Bob Baker"):
            self.assertContains(page, text)

    def test_the_preview_takes_nothing_and_says_so(self) -> None:
        page = self.choose(self.ann, names="BOB@example.com; ann\nnobody@example.com")
        for text in (
            "Nothing has been taken yet.",
            "Pay 14 Gold and enrol 2 people",
            "Not a member of this account",
            "nobody@example.com",
        ):
            self.assertContains(page, text)
        self.assertEqual(self.available(), 20)
        self.assertFalse(Redemption.objects.exists())

    def test_confirming_enrols_through_the_hosts_own_gate(self) -> None:
        page = self.confirm(self.choose(self.ann, self.bob))
        self.assertContains(page, "2 people are enrolled")
        for user in (self.ann, self.bob):
            self.assertTrue(self.is_enrolled(user))
            redemption = Redemption.objects.get(learner=user)
            self.assertEqual((redemption.actor, redemption.tokens), (self.manager, 7))
            self.assertContains(page, f"/token-payments/receipt/{redemption.uuid}/")
        self.assertEqual(self.available(), 6)

    def test_without_the_payment_the_gate_stays_shut(self) -> None:
        self.client.force_login(self.manager)
        answer = self.client.post(
            "/api/enrollment/v1/enrollment",
            {"course_details": {"course_id": COURSE}, "user": "ann", "mode": "verified"},
            content_type="application/json",
        )
        self.assertGreaterEqual(answer.status_code, 400)
        self.assertFalse(self.is_enrolled(self.ann))

    def test_the_same_form_sent_twice_pays_once(self) -> None:
        preview = self.choose(self.ann, self.bob)
        first = self.confirm(preview)
        again = self.confirm(preview)
        pattern = re.compile(r"/receipt/[0-9a-f-]+/")
        receipts = [pattern.findall(page.content.decode()) for page in (first, again)]
        self.assertEqual(receipts[0], receipts[1])
        self.assertEqual(LedgerEntry.objects.filter(kind=EntryKind.DEBIT).count(), 2)
        self.assertEqual(self.available(), 6)

    def test_each_who_was_enrolled_is_told_by_whom(self) -> None:
        preview = self.choose(self.ann, self.bob)
        with self.captureOnCommitCallbacks(execute=True):
            self.confirm(preview)
            self.confirm(preview)
        told = sorted(address for message in mail.outbox for address in message.to)
        self.assertEqual(told, [self.ann.email, self.bob.email])
        self.assertIn("has enrolled you in", mail.outbox[0].body)

    def test_a_new_preview_of_the_same_people_takes_nothing_more(self) -> None:
        self.confirm(self.choose(self.ann))
        page = self.choose(self.ann)
        self.assertContains(page, "Is enrolled already")
        self.assertContains(page, "There is nobody to pay for")
        self.assertNotContains(page, self.url("pay_for_members"))

    def test_short_for_all_of_them_is_refused_before_anything_is_taken(self) -> None:
        factories.pay(self.bob, self.item, self.wallet)
        cyd = factories.make_user("cyd")
        AccountMember.objects.create(account=self.account, user=cyd)
        page = self.choose(self.ann, self.manager, names="cyd")
        self.assertContains(page, "21 Gold are needed, and 13 can be spent: 8 short.")
        self.assertNotContains(page, self.url("pay_for_members"))

    def test_what_changes_before_the_confirmation_is_told_person_by_person(self) -> None:
        preview = self.choose(self.ann, self.bob)
        factories.pay(self.bob, self.item, self.wallet)
        page = self.confirm(preview)
        self.assertContains(page, "1 person is enrolled")
        self.assertContains(page, "1 person was refused")
        self.assertContains(page, "Try again")
        self.assertEqual(self.available(), 6)

    def test_who_left_the_account_meanwhile_is_left_out(self) -> None:
        preview = self.choose(self.ann, self.bob)
        wallet_operations.remove_member(self.account, self.bob, actor=self.manager)
        page = self.confirm(preview)
        self.assertContains(page, "isn't a member any more and was left out", html=False)
        self.assertFalse(self.is_enrolled(self.bob))

    def test_a_course_that_closed_refuses_each_of_them(self) -> None:
        factories.change_course(COURSE, enrollment_end=self.now - timedelta(days=1))
        self.assertContains(self.choose(self.ann, self.bob), "Enrolment is closed", count=2)

    def test_change_leads_back_with_everything_kept(self) -> None:
        page = self.choose(self.ann, names="bob@example.com, who", edit="1")
        self.assertNotContains(page, "Please check")
        self.assertContains(page, "bob@example.com, who</textarea>")
        self.assertContains(page, f'value="{self.ann.pk}" checked')
        self.assertContains(page, f'value="{self.gold.pk}:{self.item.pk}" selected')

    @ddt.data(
        ({"price": ""}, "Choose a course."),
        ({"price": "1:999"}, "be paid for with these tokens any more"),
        ({"person": []}, "Choose who to pay for"),
        ({"names": "a\x00b"}, "Null characters"),
        ({"names": " ".join(f"p{number}" for number in range(201))}, "At most 200 people"),
        ({"person": range(1, 202)}, "At most 200 people"),
        ({"names": "x" * 40_001}, "at most 40000 characters"),
    )
    @ddt.unpack
    def test_what_is_wrong_is_told_at_its_field(self, data, text) -> None:
        page = self.choose(self.ann, **data)
        self.assertContains(page, text)
        self.assertContains(page, "Please check what you entered")
        self.assertFalse(Redemption.objects.exists())

    def test_a_frozen_account_is_told_in_words(self) -> None:
        Account.objects.update(is_frozen=True)
        self.assertContains(self.choose(self.ann), "This account is frozen")

    def test_payments_that_were_switched_off_are_told_in_words(self) -> None:
        factories.allow_paid(enabled=False)
        page = self.get(self.manager, "enrol_members")
        self.assertContains(page, "No course can be paid for")

    def test_forged_confirmations_pay_for_nobody(self) -> None:
        hidden = read_hidden(self.choose(self.ann))
        silver = factories.make_type("Silver")
        other = factories.make_account("Other", members=[self.ann])
        factories.issue_tokens(other, silver, 50)
        for changes, status in (
            ({"price": f"{silver.pk}:{self.item.pk}"}, 404),  # another account's tokens
            ({"price": f"{self.gold.pk}:999999"}, 404),
            ({"price": "9" * 18 + ":1"}, 404),
            ({"price": "x"}, 302),
            ({"idempotency_key": "x"}, 302),
            ({"tokens": "0"}, 302),
            ({"tokens": str(2**40)}, 302),
            ({"person": [str(number) for number in range(1, 203)]}, 302),
            ({"tokens": "1"}, 200),  # a price that nobody offered
            ({"person": [str(self.stranger.pk)]}, 200),
        ):
            answer = self.post(self.manager, "pay_for_members", hidden | changes)
            self.assertEqual(answer.status_code, status, changes)
        self.assertFalse(Redemption.objects.exists())

    def test_a_huge_paste_is_answered(self) -> None:
        page = self.choose(names="<" * 39_999)
        self.assertEqual(page.status_code, 200)

    @ddt.data(
        ("a@x.com,b@x.com;c@x.com d@x.com\ne@x.com\tf@x.com", list("abcdef")),
        ("A@x.com a@X.com", ["A"]),
        ('"Ann Archer" <a@x.com>, Bob <b@x.com>\n<c@x.com>', list("abc")),
        (" \n ,;, ", []),
    )
    @ddt.unpack
    def test_pasted_lists_come_apart(self, text: str, first_letters: list[str]) -> None:
        self.assertEqual([name.split("@")[0] for name in split_names(text)], first_letters)

    def test_the_forms_queries_are_as_many_for_many_members_and_courses(self) -> None:
        self.get(self.manager, "enrol_members")
        counts = []
        for _ in range(2):
            with CaptureQueriesContext(connection) as captured:
                self.client.get(self.url("enrol_members"))
            counts.append(len(captured))
            for number in range(10):
                user = factories.make_user(f"extra{number}-{len(counts)}")
                AccountMember.objects.create(account=self.account, user=user)
        self.assertEqual(counts[0], counts[1])


class CommittedTest(TransactionTestCase):
    """With transactions of its own, as the LMS's requests have them."""

    def test_a_crash_of_one_persons_enrolment_keeps_the_others(self) -> None:
        from unittest import mock

        EnrolCase.setUpTestData.__func__(EnrolCase)
        case = EnrolCase()
        case.client = self.client
        preview = case.choose(case.ann, case.bob)
        adapter = host.__class__
        enrol = adapter.enrol

        def crash_at_ann(user, *arguments, **options):
            if user == case.ann:
                raise RuntimeError("boom")
            return enrol(user, *arguments, **options)

        with mock.patch.object(adapter, "enrol", staticmethod(crash_at_ann)):
            page = case.confirm(preview)
        self.assertContains(page, "Something went wrong")
        self.assertTrue(case.is_enrolled(case.bob))
        self.assertEqual(case.available(), 13)
        self.assertContains(case.confirm(preview), "2 people are enrolled")
        self.assertEqual(case.available(), 6)
