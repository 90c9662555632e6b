"""Learners use, and look at, the codes that were given to them; nobody else's."""

from __future__ import annotations

import logging
import uuid
from datetime import timedelta

import ddt
from django.core.cache import cache
from django.test import TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.portal.told import URGENT, assert_told
from token_payments import conf
from token_payments.assignments import operations as assignment_operations
from token_payments.l10n.dates import end_of_day
from token_payments.models import Redemption, TokenOrder, TokenOrderLogEntry
from token_payments.orders import operations as order_operations
from token_payments.portal.own_codes import REFUSED

COURSE = "course-v1:Acme+Fire+2026"
OTHER_COURSE = "course-v1:Acme+Water+2026"
FEW = 10  # queries: two of the session, two of the transaction, two of the host's page
LIST = reverse("token_payments:own_codes")
REVIEW = reverse("token_payments:review", args=[COURSE])


def end_of_local_day(*, days):
    """The end of the local day that comes so many days after today."""
    return end_of_day(timezone.now().astimezone(conf.time_zone()).date() + timedelta(days=days))


class OwnCodesCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.item = factories.make_shop(COURSE, course={"display_name": "Fire <Safety>"})
        cls.buyer = factories.make_user("buyer", name="Bea Buyer")
        cls.ann = factories.make_user("ann", name="Ann Archer")
        cls.ben = factories.make_user("ben")
        account = factories.make_account("Acme", managers=[cls.buyer])
        cls.order = factories.make_processed_order(cls.item, buyer=cls.buyer, account=account)
        cls.codes = factories.list_codes(cls.order)
        cls.mine = cls.assign("ann@example.com")
        cls.code = cls.codes[0]

    def setUp(self):
        cache.clear()
        self.client.force_login(self.ann)

    @classmethod
    def assign(cls, email, *, order=None, is_open=False):
        batch = assignment_operations.assign_codes(
            (order or cls.order).pk,
            [assignment_operations.Recipient(email)],
            is_open=is_open,
            actor=cls.buyer,
            idempotency_key=uuid.uuid4().hex,
            now=timezone.now(),
        )
        return batch.assignments.get()

    def set_redeem_by(self, redeem_by):
        TokenOrder.objects.filter(pk=self.order.pk).update(redeem_by=redeem_by)

    def post(self, name, assignment=None):
        pk = self.mine.pk if assignment is None else getattr(assignment, "pk", assignment)
        return self.client.post(reverse(f"token_payments:{name}", args=[pk]))

    def count_shown(self):
        return TokenOrderLogEntry.objects.filter(action="codes_revealed").count()


@ddt.ddt
class ListTests(OwnCodesCase):
    def test_it_says_what_for_from_whom_and_until_when_but_not_the_code(self):
        self.set_redeem_by(end_of_local_day(days=3))
        page = self.client.get(LIST)
        for text in ("Fire &lt;Safety&gt;", "Bea Buyer, Acme", "3 days left", "Europe/London"):
            self.assertContains(page, text)
        self.assertContains(page, f"ends in {self.code[-4:]}")
        self.assertNotContains(page, self.code)
        self.assertEqual(self.count_shown(), 0)

    @ddt.data((0, "Less than a day left"), (1, "1 day left"), (60, "Use it by"))
    @ddt.unpack
    def test_how_soon_it_is(self, days, text):
        self.set_redeem_by(end_of_local_day(days=days))
        page = self.client.get(LIST)
        self.assertContains(page, text)
        self.assertEqual("tp-pill--warn" in page.text, days < 14)

    def test_nobody_elses_is_listed(self):
        self.client.force_login(self.ben)
        page = self.client.get(LIST)
        self.assertContains(page, "Nobody has given you a token yet.")
        self.assertContains(page, "ben@example.com")
        self.assertNotContains(page, "Fire")

    def test_who_has_not_confirmed_the_address_is_told_to(self):
        squatter = factories.make_user("squatter", email="ann@example.com", is_active=False)
        self.client.force_login(squatter)
        page = self.client.get(LIST)
        self.assertContains(page, "Confirm your e-mail address first.")
        self.assertNotContains(page, "Fire")
        for name in ("use_code", "show_code"):
            self.assertEqual(self.post(name).status_code, 404)
        self.assertEqual(self.count_shown(), 0)

    def test_a_used_one_leads_to_its_receipt(self):
        redemption = factories.redeem(self.ann, self.item, self.code)
        page = self.client.get(LIST)
        self.assertContains(page, "You used it on ")
        self.assertContains(page, reverse("token_payments:receipt", args=[redemption.uuid]))
        self.assertNotContains(page, "Use it</button>")

    def test_an_open_one_that_somebody_else_used_does_not_say_who(self):
        self.assign("ben@example.com", is_open=True)
        redemption = factories.redeem(self.ann, self.item, self.codes[1])
        self.client.force_login(self.ben)
        page = self.client.get(LIST)
        self.assertContains(page, "It has been used.")
        self.assertNotContains(page, "Ann")
        self.assertNotContains(page, str(redemption.uuid))

    def test_what_is_over_or_cancelled_says_so(self):
        self.set_redeem_by(timezone.now() - timedelta(days=2))
        self.assertContains(self.client.get(LIST), "It had to be used by ")
        order_operations.cancel_order(self.order.pk, actor=self.buyer, now=timezone.now())
        self.assertContains(self.client.get(LIST), "It was cancelled.")

    def test_whoever_is_not_signed_in_signs_in_first(self):
        self.client.logout()
        for address in (LIST, reverse("token_payments:show_code", args=[self.mine.pk])):
            self.assertRedirects(self.client.get(address), f"/login?next={address}")

    def test_the_number_of_queries_does_not_grow(self):
        factories.redeem(self.ann, self.item, self.code)
        for _ in range(3):
            self.client.get(LIST)
            with self.assertNumQueries(FEW):
                self.client.get(LIST)
            order = factories.make_processed_order(self.item, buyer=self.buyer)
            self.assign("ann@example.com", order=order)


@ddt.ddt
class UseTests(OwnCodesCase):
    def test_use_it_goes_to_review_and_finish_redeems_that_very_code(self):
        answer = self.post("use_code")
        self.assertRedirects(answer, REVIEW)
        self.assertNotIn(self.code, str(answer.headers) + str(dict(self.client.session)))
        page = self.client.get(REVIEW)
        self.assertContains(page, f"Token Code ending in {self.code[-4:]}")
        self.assertFalse(Redemption.objects.exists())
        nonce = page.context["idempotency_key"]
        self.client.post(
            reverse("token_payments:finish", args=[COURSE]), {"idempotency_key": nonce}
        )
        redemption = Redemption.objects.get()
        self.assertEqual((redemption.learner, redemption.code), (self.ann, self.mine.code))
        self.assertEqual(self.count_shown(), 0)

    def test_what_was_chosen_before_makes_room(self):
        data = {"method": "token_code", "token_code-code": self.codes[2]}
        self.client.post(reverse("token_payments:checkout", args=[COURSE]), data)
        self.post("use_code")
        self.assertContains(self.client.get(REVIEW), f"ending in {self.code[-4:]}")

    @ddt.data("use_code", "show_code")
    def test_nobody_elses_is_used_or_shown(self, name):
        foreign = self.assign("ben@example.com")
        for stranger in (self.ann, self.buyer, factories.make_user("root", is_superuser=True)):
            self.client.force_login(stranger)
            self.assertEqual(self.post(name, foreign).status_code, 404)
        self.assertEqual(self.count_shown(), 0)

    @ddt.data(("use_code", 0), ("use_code", 2**64), ("show_code", 10**30), ("show_code", 2**63 - 1))
    @ddt.unpack
    def test_numbers_of_nothing_are_not_found(self, name, pk):
        self.assertEqual(self.post(name, pk).status_code, 404)

    @ddt.data("use_code", "show_code")
    def test_what_was_taken_back_is_not_found_any_more(self, name):
        assignment_operations.revoke(self.mine.pk, actor=self.buyer, now=timezone.now())
        self.assertEqual(self.post(name).status_code, 404)

    @ddt.data("use_code", "show_code")
    def test_what_is_over_is_told_in_words(self, name):
        self.set_redeem_by(timezone.now())
        answer = self.post(name)
        page = assert_told(self, answer, LIST, REFUSED["gone"], how=URGENT)
        self.assertContains(page, "can&#x27;t be used any more")
        self.assertEqual(self.count_shown(), 0)

    @ddt.data("use_code", "show_code")
    def test_an_address_that_is_loaded_leads_to_the_list(self, name):
        address = reverse(f"token_payments:{name}", args=[self.mine.pk])
        self.assertRedirects(self.client.get(address), LIST)
        self.assertEqual(self.client.put(address).status_code, 405)


class ShowTests(OwnCodesCase):
    def test_the_code_is_shown_and_the_buyer_sees_by_whom(self):
        page = self.post("show_code")
        self.assertContains(page, self.code, count=1)
        self.assertNotContains(page, self.codes[1])
        self.assertIn("no-store", page.headers["Cache-Control"])
        entry = self.order.log.first()
        self.assertEqual((entry.action, entry.actor), ("codes_revealed", self.ann))
        self.assertNotContains(self.client.get(LIST), self.code)

    def test_it_stands_in_no_title_no_session_and_no_log(self):
        with self.assertLogs(level=logging.DEBUG) as logs:
            logging.getLogger(__name__).info("something is always logged")
            page = self.post("show_code")
        title = page.text.split("<title>")[1].split("</title>")[0]
        self.assertNotIn(self.code, title)
        self.assertNotIn(self.code, str(dict(self.client.session)))
        self.assertNotIn(self.code, "\n".join(logs.output))

    def test_an_open_one_says_to_keep_it(self):
        mine = self.assign("ann@example.com", is_open=True)
        self.assertContains(self.post("show_code", mine), "Whoever has this code can use it")

    @override_settings(TOKEN_PAYMENTS={"CODE_KEYS": {}})
    def test_without_the_operators_key_it_says_so_and_logs_nothing(self):
        page = self.post("show_code")
        self.assertContains(page, "Codes can&#x27;t be shown at the moment", status_code=503)
        self.assertEqual(self.count_shown(), 0)
        self.assertRedirects(self.post("use_code"), REVIEW, fetch_redirect_response=False)
