"""The list of an order's tokens: what each says, searching, paging, who may see it."""

from __future__ import annotations

from datetime import UTC, datetime

import ddt
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.portal.order_page.base import OrderCase
from tests.portal.told import URGENT, assert_told
from token_payments.assignments import operations as assignment_operations
from token_payments.models import TokenOrder
from token_payments.orders import operations as order_operations
from token_payments.portal.order_page.code_pages import PROBLEMS

#: A transaction around them, session, user, order, codes, counts, learners, whom they were given
#: to, enrolments, and two of the host's own page.
QUERIES = 14


class ListCase(OrderCase):
    def list_lines(self, order: TokenOrder | None = None, **query):
        answer = self.get(data=query, order=order)
        self.assertEqual(answer.status_code, 200)
        return list(answer.context["lines"])

    def list_serials(self, **query):
        return [line.serial for line in self.list_lines(**query)]


@ddt.ddt
class ListTests(ListCase):
    def test_each_status_reads_as_on_the_help_page(self) -> None:
        redeemed, assigned, available, *_, cancelled = self.list_lines()

        self.assertEqual((redeemed.learner, redeemed.email), ("=Lee Learner", "lee@example.com"))
        self.assertEqual(redeemed.enrolment, "Enrolled (verified)")
        self.assertIsNotNone(redeemed.since)
        self.assertEqual(assigned.assignment.email, "ann@example.com")
        self.assertEqual((available.learner, available.enrolment, available.since), ("", "", None))
        self.assertEqual((cancelled.learner, cancelled.enrolment), ("", "Cancelled"))

    def test_the_page_names_learners_and_those_whom_tokens_were_given_to(self) -> None:
        page = self.get()

        for text in ("=Lee Learner", "lee@example.com", "Ann Archer", "ann@example.com"):
            self.assertContains(page, text)

    def test_who_was_given_a_token_stays_visible_once_it_is_redeemed(self) -> None:
        ann = factories.make_user("ann")
        factories.redeem(ann, self.item, self.codes[1])

        line = self.list_lines()[1]

        self.assertEqual((line.status, line.assignment.name), ("redeemed", "Ann Archer"))

    def test_codes_are_masked_to_their_last_four(self) -> None:
        for name in ("order_tokens", "order_sheet", "order_log"):
            page = self.get(name)
            for code in self.codes:
                self.assertNotContains(page, code)
        self.assertContains(self.get(), self.codes[1][-4:])

    def test_a_replaced_token_is_listed_only_when_asked_for_and_says_whom_it_was_given_to(self):
        assignment_operations.revoke(
            self.batch.assignments.get().pk, actor=self.buyer, now=timezone.now()
        )

        self.assertEqual(self.list_serials(), [1, 3, 4, 5, 6, 7])
        (replaced,) = self.list_lines(status="replaced")
        self.assertEqual((replaced.serial, replaced.enrolment), (2, "Replaced"))
        self.assertEqual(replaced.assignment.email, "ann@example.com")

    @ddt.data(
        ("available", [2, 3, 4, 5]),
        ("redeemed", [1]),
        ("cancelled", [6]),
        ("replaced", []),
        ("assigned", [2]),
        ("nonsense", [1, 2, 3, 4, 5, 6]),
    )
    @ddt.unpack
    def test_filter_by_status(self, status, serials) -> None:
        self.assertEqual(self.list_serials(status=status), serials)

    @ddt.data(
        ("3", [3]),
        ("#3", [3]),
        ("lee learn", [1]),
        ("lee@example", [1]),
        ("ANN ARCH", [2]),
        ("ann@", [2]),
        ("nobody", []),
        ("nul\0byte", []),
        ("9" * 40, []),
    )
    @ddt.unpack
    def test_search_by_number_learner_and_whom_it_was_given_to(self, text, serials) -> None:
        self.assertEqual(self.list_serials(q=text), serials)

    def test_somebody_who_was_given_a_token_of_another_order_is_not_found_here(self) -> None:
        other = self.make_order(1)
        self.assign("zoe@example.com", order=other)

        self.assertEqual(self.list_serials(q="zoe@"), [])

    @ddt.data("after", "before")
    def test_a_number_beyond_every_database_is_no_error(self, name) -> None:
        self.assertEqual(len(self.list_lines(**{name: "9" * 30})), 6)

    def test_nothing_that_matches_says_what_to_do(self) -> None:
        self.assertContains(self.get(data={"q": "nobody"}), "No token matches")


@ddt.ddt
class SearchTests(ListCase):
    def test_a_whole_code_becomes_its_number_so_that_no_address_has_it(self) -> None:
        answer = self.post("order_tokens_search", {"q": self.codes[2].lower()})

        self.assertEqual(answer["Location"], self.url() + "?q=%233")

    def test_the_code_of_a_replaced_token_is_found(self) -> None:
        assignment_operations.revoke(
            self.batch.assignments.get().pk, actor=self.buyer, now=timezone.now()
        )

        answer = self.post("order_tokens_search", {"q": self.codes[1]})

        self.assertEqual(answer["Location"], self.url() + "?q=%232")
        self.assertContains(self.client.get(answer["Location"]), "Replaced")

    def test_the_code_of_another_order_or_a_mistyped_one_is_not_put_into_the_address(self) -> None:
        other = factories.list_codes(self.make_order(1))[0]
        for code in (other, self.codes[2][:-1] + "~", self.codes[2][:-2], "VCDRXZKZAHKZABKDX"):
            answer = self.post("order_tokens_search", {"q": code})

            page = assert_told(self, answer, self.url(), PROBLEMS["no_such_code"], how=URGENT)
        self.assertContains(page, "no such token code")

    def test_the_filter_is_kept(self) -> None:
        answer = self.post("order_tokens_search", {"q": " lee ", "status": "redeemed"})

        self.assertEqual(answer["Location"], self.url() + "?status=redeemed&q=lee")

    @ddt.data("\0", "a\0b")
    def test_a_nul_byte_is_no_error(self, text) -> None:
        self.assertEqual(self.post("order_tokens_search", {"q": text}).status_code, 302)


@ddt.ddt
class AccessTests(OrderCase):
    @ddt.data("buyer", "delegate", "manager")
    def test_who_looks_after_the_order_sees_its_tokens_and_its_log(self, who) -> None:
        for name in ("order_tokens", "order_sheet", "order_log"):
            self.assertEqual(self.get(name, user=getattr(self, who)).status_code, 200)

    @ddt.data(
        "order_tokens_search",
        "order_tokens_reveal",
        "order_tokens_copy",
        "order_tokens_csv",
        "order_tokens_mail",
        "order_sheet",
    )
    def test_for_everybody_else_there_is_no_such_page_and_nothing_is_logged(self, name) -> None:
        before = self.order.log.count()

        for user in (self.stranger, self.learner):
            self.assertEqual(self.post(name, {"serial": "3"}, user=user).status_code, 404)
            self.assertEqual(self.get(name, user=user).status_code, 404)
        self.assertEqual(self.order.log.count(), before)

    def test_an_order_of_wallet_tokens_has_a_log_but_no_token_codes(self) -> None:
        order = factories.make_wallet_order(self.account, factories.make_type(), buyer=self.buyer)

        self.assertEqual(self.get(order=order).status_code, 404)
        for name in ("order_tokens_reveal", "order_tokens_csv", "order_sheet"):
            self.assertEqual(self.post(name, order=order).status_code, 404)
        self.assertEqual(self.get("order_log", order=order).status_code, 200)


class StateTests(OrderCase):
    def test_before_processing_the_page_says_when_tokens_come(self) -> None:
        order = factories.make_order(self.item, buyer=self.buyer)

        self.assertContains(self.get(order=order), "There are no tokens yet")

    def test_before_processing_there_is_no_file_of_them(self) -> None:
        order = factories.make_order(self.item, buyer=self.buyer)

        answer = self.post("order_tokens_csv", order=order)

        self.assertRedirects(answer, self.url(order=order))
        self.assertFalse(order.log.filter(action="codes_downloaded").exists())

    def test_an_order_cancelled_before_it_had_tokens_says_so(self) -> None:
        order = factories.make_order(self.item, buyer=self.buyer)
        order_operations.cancel_order(order.pk, actor=self.buyer, now=timezone.now())

        self.assertContains(self.get(order=order), "never had any tokens")

    def test_what_can_no_longer_be_redeemed_is_told(self) -> None:
        TokenOrder.objects.filter(pk=self.order.pk).update(
            redeem_by=datetime(2020, 7, 1, 23, tzinfo=UTC)
        )

        self.assertContains(self.get(), "Nobody can use those that are left")

    def test_a_cancelled_order_offers_nothing_to_hand_out(self) -> None:
        order_operations.cancel_order(self.order.pk, actor=self.buyer, now=timezone.now())

        page = self.get()

        self.assertNotContains(page, "Hand out")
        self.assertContains(page, "Cancelled")


class PagingTests(ListCase):
    def read_page(self, order: TokenOrder, **query):
        answer = self.get(data=query, order=order)
        page = answer.context["token_page"]
        serials = [line.serial for line in answer.context["lines"]]
        return (serials[0], serials[-1], page.before, page.after)

    def test_pages_of_fifty_lead_forth_and_back(self) -> None:
        order = self.make_order(120)

        self.assertEqual(self.read_page(order), (1, 50, None, 50))
        self.assertEqual(self.read_page(order, after=50), (51, 100, 51, 100))
        self.assertEqual(self.read_page(order, after=100), (101, 120, 101, None))
        self.assertEqual(self.read_page(order, before=101), (51, 100, 51, 100))
        self.assertEqual(self.read_page(order, before=999999999), (71, 120, 71, None))

    def test_it_takes_the_same_few_queries_for_any_number_of_tokens(self) -> None:
        queries = {}
        for quantity in (4, 60):
            order = self.make_order(quantity)
            for number, code in enumerate(factories.list_codes(order)[: quantity // 4]):
                user = factories.make_user(f"learner{quantity}_{number}")
                factories.redeem(user, self.item, code)
            for number in range(quantity // 4):
                self.assign(f"a{number}@example.com", order=order)
            self.get(order=order)
            with CaptureQueriesContext(connection) as captured:
                self.client.get(self.url(order=order))
            queries[quantity] = len(captured)

        self.assertEqual(queries, {4: QUERIES, 60: QUERIES})
