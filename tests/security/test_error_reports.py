"""Reports of errors, which are mailed and kept elsewhere, have no code, wherever a page breaks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import ddt
from django.core.signals import got_request_exception
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse
from django.views.debug import ExceptionReporter

from tests import factories
from tests.portal.order_page.base import COURSE, OrderCase
from tests.rest_api.base import ApiClient
from tests.rest_api.matrix import CALLS
from tests.rest_api.matrix_base import MatrixCase
from token_payments.lms.middleware import OwnRequests
from token_payments.models import CodeAssignment
from token_payments.presenters.once import make_key

PORTAL = "token_payments.portal"
KEYS = "token_payments.orders.codes"
PAGES = (
    ("order_tokens_reveal", "token_payments.orders.reveals.log_reveal"),
    ("order_tokens_copy", "token_payments.orders.reveals.log_reveal"),
    ("order_tokens_csv", f"{KEYS}.hash_code"),
    ("order_tokens_mail", f"{KEYS}.hash_code"),
    ("order_sheet", f"{PORTAL}.order_page.sheet.draw_qr"),
    ("order_tokens_search", "token_payments.checkout.code_search.find_code"),
)


@contextmanager
def reporting(case: Any, target: str) -> Iterator[list[str]]:
    """While ``target`` fails; there is one report then, as HTML and as text."""
    reports: list[str] = []

    def report(request, **_facts) -> None:
        reporter = ExceptionReporter(request, *sys.exc_info())
        reports.extend((reporter.get_traceback_html(), reporter.get_traceback_text()))

    got_request_exception.connect(report)
    try:
        with mock.patch(target, side_effect=RuntimeError), case.assertLogs("django.request"):
            yield reports
    finally:
        got_request_exception.disconnect(report)
    case.assertEqual(len(reports), 2)
    for text in reports:
        case.assertIn("RuntimeError", text)


@ddt.ddt
class ReportTest(OrderCase):
    def setUp(self) -> None:
        super().setUp()
        self.client.raise_request_exception = False

    @contextmanager
    def broken(self, target: str) -> Iterator[None]:
        """While ``target`` fails; no code is in the report of it."""
        with reporting(self, target) as reports:
            yield
        for text in reports:
            for code in self.codes:
                self.assertFalse(code in text or code.replace("-", "") in text)

    @ddt.data(*PAGES)
    @ddt.unpack
    def test_of_an_orders_pages(self, name, target) -> None:
        with self.broken(target):
            self.post(name, {"q": self.codes[2], "idempotency_key": make_key()})

    def test_of_a_learners_own_codes(self) -> None:
        self.client.force_login(factories.make_user("ann"))
        [assignment] = CodeAssignment.objects.all()
        with self.broken("token_payments.orders.reveals.log_reveal"):
            self.client.post(reverse("token_payments:show_code", args=[assignment.pk]))

    def test_of_the_checkout(self) -> None:
        self.client.force_login(factories.make_user("other"))
        with self.broken(f"{KEYS}.hash_code"):
            data = {"method": "token_code", "token_code-code": self.codes[2]}
            self.client.post(reverse("token_payments:checkout", args=[COURSE]), data)

    @ddt.data("reveal", "tokens_search", "search")
    def test_of_the_admin(self, page) -> None:
        self.client.force_login(self.stranger)
        order = [] if page == "search" else [self.order.pk]
        with self.broken(f"{KEYS}.hash_code"):
            address = reverse(f"admin:token_payments_tokenorder_{page}", args=order)
            self.client.post(address, {"q": self.codes[2]})


@ddt.ddt
class ApiReportTest(MatrixCase):
    """Each endpoint fails when it has all that it answers."""

    @ddt.data(*((name, number) for name, calls in CALLS.items() for number in range(len(calls))))
    @ddt.unpack
    def test_of_an_endpoint(self, name: str, number: int) -> None:
        call = CALLS[name][number]
        client = ApiClient(self.people["operator"])
        client.client.raise_request_exception = False
        failing = "rest_framework.response.Response.__init__"
        with reporting(self, failing) as reports:
            client.send(call.method, call.path(self), call.body(self))
        for text in reports:
            for secret in ("whsec_", self.code, self.code.replace("-", "")):
                self.assertNotIn(secret, text)

    def test_of_a_page_of_the_host_is_as_ever(self) -> None:
        """The host's own pages are the host's business."""
        self.assertIsNone(resolve_filter("/admin/"))
        self.assertIsNone(resolve_filter("/admin/auth/user/"))

    def test_every_address_of_ours_is_meant(self) -> None:
        for address in (
            "/token-payments/tokens/",
            "/token-payments/api/v1/orders/",
            "/token-payments/api/front/v1/items/course-v1:A+B+C",
            "/admin/token_payments/tokenorder/",
            "/admin/token_payments/tokenorder/1/tokens/",
            "/admin/token_payments/webhookendpoint/1/change/",
        ):
            with self.subTest(address):
                self.assertIsNotNone(resolve_filter(address))


def resolve_filter(address: str) -> Any:
    """The filter of error reports that a request to this address gets."""
    request = RequestFactory().get(address)
    OwnRequests(lambda _request: HttpResponse())(request)
    return getattr(request, "exception_reporter_filter", None)
