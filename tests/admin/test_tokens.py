import csv
import io

import ddt
from django.core import mail
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.admin.base import COURSE, AdminCase
from token_payments.assignments import operations as assignment_operations
from token_payments.models import TokenOrder


class TokensCase(AdminCase):
    """An order of five tokens: the first redeemed by Lee, the last cancelled."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.order = factories.make_processed_order(cls.item, buyer=cls.buyer, quantity=5)
        cls.codes = factories.list_codes(cls.order)
        cls.learner = factories.make_user("lee", name="=Lee Learner")
        factories.redeem(cls.learner, cls.item, cls.codes[0])
        assignment_operations.cancel_unused(
            cls.order.pk,
            quantity=1,
            refund_amount=0,
            actor=cls.course_admin,
            idempotency_key="setup",
            now=timezone.now(),
        )

    def list_lines(self, order: TokenOrder | None = None, **query):
        answer = self.client.get(self.order_page(order or self.order, "tokens"), query)
        self.assertEqual(answer.status_code, 200)
        return list(answer.context["lines"])

    def list_serials(self, **query):
        return [line.serial for line in self.list_lines(**query)]


@ddt.ddt
class TokensTests(TokensCase):
    def test_each_status_reads_as_on_the_help_page(self) -> None:
        redeemed, available, *_, cancelled = self.list_lines()

        self.assertEqual(redeemed.learner, "=Lee Learner")
        self.assertEqual(redeemed.enrolment, "Enrolled (verified)")
        self.assertIsNotNone(redeemed.since)
        self.assertEqual((cancelled.learner, cancelled.enrolment), ("", "Cancelled"))
        self.assertEqual((available.learner, available.enrolment, available.since), ("", "", None))

    def test_the_enrolment_status_is_the_hosts_own(self) -> None:
        from common.djangoapps.student.models import CourseEnrollment

        CourseEnrollment.objects.filter(user=self.learner).update(is_active=False)

        self.assertEqual(self.list_lines()[0].enrolment, "Unenrolled")

    def test_codes_are_masked_to_the_last_four(self) -> None:
        for page in ("change", "tokens", "log", "cancellations"):
            text = self.read(self.order_page(self.order, page))
            for code in self.codes:
                self.assertNotIn(code, text)
        self.assertIn(self.codes[1][-4:], self.read(self.order_page(self.order, "tokens")))

    def test_reveal_shows_one_page_and_is_logged_with_its_actor(self) -> None:
        answer = self.post(self.order_page(self.order, "reveal") + "?status=available")

        for code in self.codes[1:4]:
            self.assertContains(answer, code)
        self.assertNotContains(answer, self.codes[0])
        self.assertIn("no-store", answer["Cache-Control"])
        entry = self.order.log.get(action="codes_revealed")
        self.assertEqual((entry.actor, entry.quantity), (self.course_admin, 3))

    def test_opening_the_address_of_reveal_reveals_nothing(self) -> None:
        answer = self.client.get(self.order_page(self.order, "reveal"), follow=True)

        self.assertNotContains(answer, self.codes[1])
        self.assertFalse(self.order.log.filter(action="codes_revealed").exists())

    @override_settings(
        TOKEN_PAYMENTS={"CODE_KEYS": {"new": "another key of more than 32 characters"}}
    )
    def test_without_the_orders_secret_codes_stay_masked_and_the_reason_is_told(self) -> None:
        for page in ("reveal", "download"):
            answer = self.post(self.order_page(self.order, page))

            self.assertContains(answer, "secret that Token Codes are made with")
        self.assertFalse(self.order.log.filter(action__startswith="codes_re").exists())

    @ddt.data(
        ("available", [2, 3, 4]),
        ("redeemed", [1]),
        ("cancelled", [5]),
        ("", [1, 2, 3, 4, 5]),
        ("nonsense", [1, 2, 3, 4, 5]),
    )
    @ddt.unpack
    def test_filter_by_status(self, status, serials) -> None:
        self.assertEqual(self.list_serials(status=status), serials)

    @ddt.data(
        ("3", [3]),
        ("#3", [3]),
        ("#x", []),
        ("lee learn", [1]),
        ("lee@example", [1]),
        ("nobody", []),
        ("9" * 30, []),
        ("²", []),
    )
    @ddt.unpack
    def test_search_by_number_and_learner(self, text, serials) -> None:
        self.assertEqual(self.list_serials(q=text), serials)

    def test_search_by_the_last_four_in_any_case(self) -> None:
        self.assertIn(2, self.list_serials(q=self.codes[1][-4:].lower()))

    def test_a_posted_whole_code_becomes_its_number(self) -> None:
        url = self.order_page(self.order, "tokens_search")

        answer = self.client.post(url, {"q": self.codes[2].lower()})

        self.assertEqual(answer["Location"], self.order_page(self.order, "tokens") + "?q=%233")
        self.assertEqual(
            [line.serial for line in self.client.get(answer["Location"]).context["lines"]], [3]
        )

    @ddt.data(
        "VCDR-XZKZ-AHKZ-ABKDX", "vcdr-xzkz-ahkz-abkdx", "VCDRXZKZAHKZABKDX", "vcdrxzkz2ahkzabkd"
    )
    def test_what_may_be_a_code_is_not_put_into_an_address(self, text) -> None:
        answer = self.client.post(self.order_page(self.order, "tokens_search"), {"q": text})

        self.assertNotIn("q=", answer["Location"])

    @ddt.data("Christopher Walken", "Anne-Marie Smith-Jones", "someone-17@example.com")
    def test_names_and_addresses_of_people_are_looked_for(self, text) -> None:
        answer = self.client.post(self.order_page(self.order, "tokens_search"), {"q": text})

        self.assertIn("q=", answer["Location"])

    def test_a_posted_code_of_another_order_or_mistyped_is_not_found(self) -> None:
        other = factories.make_processed_order(self.item, buyer=self.buyer, quantity=1)
        url = self.order_page(self.order, "tokens_search")
        for code in (factories.list_codes(other)[0], self.codes[0][:-1] + "~", self.codes[0][:-2]):
            answer = self.client.post(url, {"q": code}, follow=True)

            self.assertContains(answer, "This order has no such Token Code.")
            self.assertNotIn("q=", answer.redirect_chain[0][0])

    def test_search_keeps_the_filter(self) -> None:
        answer = self.client.post(
            self.order_page(self.order, "tokens_search"), {"q": "lee", "status": "redeemed"}
        )

        self.assertTrue(answer["Location"].endswith("?status=redeemed&q=lee"))


class PagingTests(AdminCase):
    def list_page(self, order: TokenOrder, **query):
        answer = self.client.get(self.order_page(order, "tokens"), query)
        page = answer.context["token_page"]
        serials = [line.serial for line in answer.context["lines"]]
        return (serials[0], serials[-1], page.before, page.after)

    def test_pages_of_a_hundred_lead_forth_and_back(self) -> None:
        order = factories.make_processed_order(self.item, buyer=self.buyer, quantity=250)

        self.assertEqual(self.list_page(order), (1, 100, None, 100))
        self.assertEqual(self.list_page(order, after=100), (101, 200, 101, 200))
        self.assertEqual(self.list_page(order, after=200), (201, 250, 201, None))
        self.assertEqual(self.list_page(order, before=201), (101, 200, 101, 200))
        self.assertEqual(self.list_page(order, before=101), (1, 100, None, 100))
        self.assertEqual(self.list_page(order, before=999999999), (151, 250, 151, None))
        self.assertEqual(self.list_page(order, before=1), (1, 100, None, 100))
        self.assertEqual(self.list_page(order, after="x"), (1, 100, None, 100))

    def test_two_hundred_tokens_take_as_many_queries_as_ten(self) -> None:
        queries = {}
        for quantity in (10, 200):
            order = factories.make_processed_order(self.item, buyer=self.buyer, quantity=quantity)
            codes = factories.list_codes(order)
            for number, code in enumerate(codes[: quantity // 10]):
                user = factories.make_user(f"learner{quantity}_{number}")
                factories.redeem(user, self.item, code)
            self.read(self.order_page(order, "tokens"))
            with CaptureQueriesContext(connection) as captured:
                self.read(self.order_page(order, "tokens"))
            queries[quantity] = len(captured)

        self.assertEqual(queries[10], queries[200])
        self.assertLess(queries[200], 16)


class DownloadTests(TokensCase):
    def download(self) -> tuple[bytes, list[dict[str, str]]]:
        answer = self.client.post(self.order_page(self.order, "download"))
        self.assertEqual(answer["Content-Type"], "text/csv; charset=utf-8")
        self.assertIn(f"{self.order.number}.csv", answer["Content-Disposition"])
        self.assertTrue(answer.streaming)
        content = b"".join(answer.streaming_content)
        return content, list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))

    def test_it_has_every_token_with_status_learner_and_link(self) -> None:
        content, rows = self.download()

        self.assertTrue(content.startswith(b"\xef\xbb\xbf"))
        self.assertEqual([row["Token Code"] for row in rows], self.codes)
        statuses = ["Redeemed", "Available", "Available", "Available", "Cancelled"]
        self.assertEqual([row["Status"] for row in rows], statuses)
        self.assertEqual(rows[0]["E-mail"], "lee@example.com")
        self.assertEqual(rows[0]["Enrolment status"], "Enrolled (verified)")
        self.assertRegex(rows[0]["Enrolment date"], r"^\d{4}-\d\d-\d\d$")
        self.assertTrue(rows[1]["Link"].startswith("http"))
        self.assertIn(COURSE, rows[1]["Link"])
        self.assertTrue(rows[1]["Link"].endswith(f"#code={self.codes[1]}"))
        self.assertEqual([rows[0]["Link"], rows[4]["Link"]], ["", ""])

    def test_a_name_that_a_spreadsheet_would_run_is_text(self) -> None:
        _, rows = self.download()

        self.assertEqual(rows[0]["Learner"], "'=Lee Learner")

    def test_it_is_logged_with_its_actor_and_only_posted(self) -> None:
        self.assertEqual(self.client.get(self.order_page(self.order, "download")).status_code, 405)
        self.assertFalse(self.order.log.filter(action="codes_downloaded").exists())

        self.download()

        entry = self.order.log.get(action="codes_downloaded")
        self.assertEqual((entry.actor, entry.quantity), (self.course_admin, 5))


class EmailTokensTests(TokensCase):
    def test_it_asks_first_and_names_number_and_address(self) -> None:
        page = self.client.get(self.order_page(self.order, "email_tokens"))

        self.assertContains(page, "<strong>3</strong> available tokens")
        self.assertContains(page, "buyer@example.com")
        self.assertEqual(mail.outbox, [])

    def test_after_yes_the_buyer_has_the_available_tokens(self) -> None:
        answer = self.post(self.order_page(self.order, "email_tokens"))

        self.assertContains(answer, "3 available tokens are being e-mailed to buyer@example.com")
        (message,) = mail.outbox
        self.assertEqual(message.to, ["buyer@example.com"])
        for code in self.codes[1:4]:
            self.assertIn(code, message.body)
        self.assertNotIn(self.codes[0], message.body)
        entry = self.order.log.get(action="codes_mailed")
        self.assertEqual((entry.actor, entry.quantity), (self.course_admin, 3))

    def test_an_order_without_available_tokens_sends_nothing(self) -> None:
        requested = factories.make_order(self.item, buyer=self.buyer)

        answer = self.post(self.order_page(requested, "email_tokens"))

        self.assertContains(answer, "no tokens to send")
        self.assertEqual(mail.outbox, [])

    def test_tokens_that_learners_have_are_not_in_the_list(self) -> None:
        assignment_operations.assign_codes(
            self.order.pk,
            [assignment_operations.Recipient("ann@example.com")],
            actor=self.buyer,
            idempotency_key="ann",
            now=timezone.now(),
        )

        page = self.client.get(self.order_page(self.order, "email_tokens"))
        self.assertContains(page, "<strong>2</strong> available tokens")
        self.assertContains(page, "Tokens that are assigned to learners")
        self.post(self.order_page(self.order, "email_tokens"))

        body = next(each.body for each in mail.outbox if each.to == ["buyer@example.com"])
        listed = [code for code in self.codes if code in body]
        self.assertEqual(listed, self.codes[2:4])
