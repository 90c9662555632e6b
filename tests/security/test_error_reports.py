"""Reports of errors, which are mailed and kept elsewhere, have no code, wherever a page breaks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import ddt
from django.core.signals import got_request_exception
from django.urls import reverse
from django.views.debug import ExceptionReporter

from tests import factories
from tests.portal.order_page.base import COURSE, OrderCase
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


@ddt.ddt
class ReportTest(OrderCase):
    def setUp(self) -> None:
        super().setUp()
        self.client.raise_request_exception = False

    @contextmanager
    def broken(self, target: str) -> Iterator[None]:
        """While ``target`` fails; there is one report then, and no code in it."""
        reports = []

        def report(request, **_facts) -> None:
            reports.append(ExceptionReporter(request, *sys.exc_info()))

        got_request_exception.connect(report)
        try:
            with mock.patch(target, side_effect=RuntimeError), self.assertLogs("django.request"):
                yield
        finally:
            got_request_exception.disconnect(report)
        [reporter] = reports
        for text in (reporter.get_traceback_html(), reporter.get_traceback_text()):
            self.assertIn("RuntimeError", text)
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
