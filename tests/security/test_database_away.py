"""While the database is away programs get a problem, people a page; then all is as before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import ddt
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.test import TransactionTestCase, override_settings
from django.urls import reverse

from tests import factories
from tests.portal.base import CheckoutTestCase, url
from tests.rest_api.base import ApiClient
from tests.rest_api.matrix import CALLS
from tests.rest_api.matrix_base import MatrixCase
from tests.snapshots import take_snapshot
from token_payments.models import Redemption

COURSE = "course-v1:Acme+AWAY+2026"
DOWN = (2002, "Can't connect to server on '127.0.0.1' (111)")
GONE = (2006, "Server has gone away")


@contextmanager
def database_away(error: Exception | None = None, *, after: int = 0) -> Iterator[None]:
    """Each statement fails, from the one on that follows ``after`` others."""
    real, run = CursorWrapper._execute, 0

    def execute(cursor, sql, params, *ignored):
        nonlocal run
        run += 1
        if run > after:
            raise error or OperationalError(*DOWN)
        return real(cursor, sql, params, *ignored)

    with patch.object(CursorWrapper, "_execute", execute):
        yield


@ddt.ddt
class ApiTest(MatrixCase):
    def setUp(self) -> None:
        self.client = ApiClient(self.people["operator"])
        self.client.client.raise_request_exception = False

    def assert_problem(self, answer) -> None:
        self.assertEqual(answer.status_code, 503)
        self.assertEqual(answer["Content-Type"], "application/problem+json")
        self.assertGreater(int(answer["Retry-After"]), 0)
        self.assertIn("no-store", answer["Cache-Control"])
        self.assertEqual(answer.json()["code"], "database_away")

    @ddt.data(*((name, number) for name, calls in CALLS.items() for number in range(len(calls))))
    @ddt.unpack
    def test_every_address_says_so(self, name: str, number: int) -> None:
        call = CALLS[name][number]
        path, body = call.path(self), call.body(self)
        with self.assertLogs("django.request"), database_away():
            self.assert_problem(self.client.send(call.method, path, body))

    @ddt.data(OperationalError(*GONE), InterfaceError("connection already closed"))
    def test_however_it_is_told(self, error) -> None:
        with self.assertLogs("django.request"), database_away(error):
            self.assert_problem(self.client.get("/orders/"))

    def test_in_the_middle_of_a_request_nothing_is_half_done_and_the_key_works_again(self) -> None:
        before, key = take_snapshot(), "a" * 20
        [call] = [each for each in CALLS["redemption-list"] if each.method == "POST"]
        for after in (5, 12, 20, 30):
            # a savepoint stands for the transaction of a request, which the database undoes
            with (
                self.subTest(after=after),
                self.assertLogs("django.request"),
                transaction.atomic(),
            ):
                with database_away(after=after):
                    answer = self.client.post(call.path(self), call.body(self), key=key)
                self.assert_problem(answer)
                transaction.set_rollback(True)
        self.assertEqual(take_snapshot(), before)
        answer = self.client.post(call.path(self), call.body(self), key=key)
        self.assertEqual(answer.status_code, 201)

    def test_front_ends_are_told_too(self) -> None:
        address = reverse("token_payments:front_item", args=[self.item.item_key])
        with self.assertLogs("django.request"), database_away():
            self.assert_problem(self.client.client.get(address))

    def test_other_faults_are_faults(self) -> None:
        with (
            self.assertLogs("django.request"),
            patch("rest_framework.response.Response.__init__", side_effect=RuntimeError),
        ):
            self.assertEqual(self.client.get("/orders/").status_code, 500)


class PageTest(CheckoutTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.client.raise_request_exception = False

    def test_a_page_says_what_to_do(self) -> None:
        addresses = (url("checkout"), *map(reverse, ("token_payments:tokens",)))
        for address in addresses:
            with (
                self.subTest(address),
                self.assertLogs("django.request"),
                database_away(),
            ):
                page = self.client.get(address)
            self.assertContains(page, "Please try again in a moment", status_code=503)
            self.assertEqual(page["Content-Type"], "text/html; charset=utf-8")
            self.assertTrue(page["Retry-After"])
            self.assertNotContains(page, "<script", status_code=503)
            self.assertEqual(self.client.get(address).status_code, 200)

    def test_pages_of_the_host_are_the_hosts(self) -> None:
        with self.assertLogs("django.request"), database_away():
            page = self.client.get("/admin/")
        self.assertEqual(page.status_code, 500)
        self.assertNotContains(page, "Please try again", status_code=500)


@override_settings(
    TOKEN_PAYMENTS={"CODE_KEYS": {"test": "a key for tests, it protects nothing at all"}}
)
class FinishTest(TransactionTestCase):
    """With real commits: what was sent before the outage is done once, whatever was answered."""

    def test_finish_is_sent_again(self) -> None:
        item = factories.make_shop(COURSE)
        order = factories.make_processed_order(item, buyer=factories.make_user("buyer"))
        [code] = factories.list_codes(order)[:1]
        learner = factories.make_user("learner")
        self.client.force_login(learner)
        self.client.raise_request_exception = False
        arguments = {"item_key": COURSE}
        checkout = reverse("token_payments:checkout", kwargs=arguments)
        self.client.post(checkout, {"method": "token_code", "token_code-code": code})
        review = self.client.get(reverse("token_payments:review", kwargs=arguments))
        finish = reverse("token_payments:finish", kwargs=arguments)
        form = {"idempotency_key": review.context["idempotency_key"]}
        for after in range(3, 24, 7):
            with self.subTest(after=after), database_away(after=after):
                answer = self.client.post(finish, form)
                self.assertEqual(answer.status_code, 503)
            self.assertFalse(Redemption.objects.exists())
            self.assertFalse(connection.in_atomic_block)
        self.assertEqual(self.client.post(finish, form).status_code, 302)
        self.assertEqual(Redemption.objects.get().state, "completed")
