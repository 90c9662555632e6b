"""Every address of the plugin's admin for every kind of visitor, by GET and by a well filled POST.

The table says who is answered; all other staff get 403, and everybody else is sent to the sign-in.
Whoever may not change anything changes nothing, in any table, and has no mail sent. An address that
isn't in the table fails the test: whoever adds one says for whom it is.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Any

import ddt
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core import mail
from django.db import transaction
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from tests import factories
from tests.admin.base import COURSE
from tests.admin.matrix import MIGHTY, NEW, OUTSIDERS, PAGES, POWERLESS, RANKS, TABLE, Page
from tests.snapshots import take_snapshot
from token_payments.assignments import operations as assignment_operations
from token_payments.bulk import operations as bulk_operations
from token_payments.wallets import operations as wallet_operations
from token_payments.webhooks import operations as webhook_operations


def take_stock() -> dict[str, Any]:
    """Everything that the plugin keeps, and the mails that were sent."""
    return {**take_snapshot(), "mails": len(mail.outbox)}


@ddt.ddt
class AccessTests(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        from token_payments.models import (
            EnrolmentSettings,
            Retirement,
            TokenIssue,
            TokenSettings,
        )

        now = timezone.now()
        cls.enrolment_settings: EnrolmentSettings = factories.allow_paid()
        cls.token_settings = TokenSettings.objects.create()
        factories.make_course(COURSE)
        factories.make_course(NEW["item_key"])
        cls.gold = factories.make_type("Gold")
        cls.archived = factories.make_type("Tin")
        cls.item = factories.make_item(COURSE)
        make_people(cls)
        wallet_operations.archive_type(cls.archived.pk, actor=cls.superuser)
        cls.account = factories.make_account("Acme", members=[cls.buyer])
        cls.frozen = factories.make_account("Frozen")
        wallet_operations.freeze_account(cls.frozen.pk, actor=cls.superuser)
        cls.issue: TokenIssue = factories.issue_tokens(
            cls.account, cls.gold, 5, expires_at=now + timedelta(days=5)
        )
        factories.make_account("Elsewhere")
        cls.kept: TokenIssue = factories.issue_tokens(cls.account, cls.gold, 2)
        by = {"actor": cls.superuser, "reason": "", "idempotency_key": "kept", "now": now}
        wallet_operations.set_use_last(cls.kept.pk, True, **by)
        cls.wallet, cls.entry = cls.issue.wallet, cls.issue.entries.get()
        cls.requested = factories.make_order(cls.item, buyer=cls.buyer, tax_rate=Decimal(20))
        cls.order = factories.make_processed_order(cls.item, buyer=cls.buyer, quantity=5)
        cls.code = factories.list_codes(cls.order)[1]
        first = factories.list_codes(cls.order)[0]
        cls.redemption = factories.redeem(factories.make_user("pat"), cls.item, first)
        cls.retirement = Retirement.objects.create(user=cls.buyer, first_at=now, last_at=now)
        second, quinn = factories.list_codes(cls.order)[2], factories.make_user("quinn")
        cls.missing = factories.redeem(quinn, cls.item, second)
        CourseEnrollment.objects.filter(user=quinn).delete()
        hook = {"url": "https://hooks.example.com/", "actor": cls.superuser, "now": now}
        cls.endpoint = webhook_operations.add_endpoint(account_id=None, **hook)
        cls.delivery = webhook_operations.send_test(cls.endpoint.pk, now=now)
        cls.wish = assignment_operations.request_cancellation(
            cls.order.pk, quantity=1, reason="", actor=cls.buyer, idempotency_key="w", now=now
        )

        give = {"actor": cls.superuser, "order_id": cls.order.pk, "now": now}
        cls.job, cls.tried = (
            bulk_operations.start_assigning(
                recipients=[assignment_operations.Recipient(address)],
                idempotency_key=address,
                **give,
            )
            for address in ("zoe@example.com", "no address")
        )
        bulk_operations.run_job(cls.tried.pk, clock=timezone.now)

    def test_every_address_is_in_the_table(self) -> None:
        found = set()
        for model, model_admin in admin.site._registry.items():
            if model._meta.app_label == "token_payments":
                name = str(model._meta.model_name)
                prefix = f"token_payments_{name}_"
                names = [pattern.name for pattern in model_admin.get_urls()]
                # the one without a name is Django's own, which leads on to the page "change"
                found |= {(name, each.removeprefix(prefix)) for each in names if each}

        self.assertEqual(found, set(TABLE))

    @ddt.data(*TABLE)
    @ddt.unpack
    def test_it_answers_those_whom_the_table_names(self, model, name) -> None:
        page = PAGES[model][name]
        url = reverse(f"admin:token_payments_{model}_{name}", args=page.args(self))
        before = take_stock()
        with self.captureOnCommitCallbacks(execute=True):
            for kind in (*RANKS[1:], *OUTSIDERS):
                self.sign_in(kind)
                with self.subTest(kind=kind, method="get"):
                    self.check(kind, page.get, self.client.get(url))
                if kind in POWERLESS:
                    with self.subTest(kind=kind, method="post"):
                        self.check(kind, page.post, self.client.post(url, page.data(self)))
        self.assertEqual(take_stock(), before)
        for kind in MIGHTY:
            with self.subTest(kind=kind, method="post"):
                self.sign_in(kind)
                after = self.post(kind, url, page)
                if page.writes:
                    self.assertNotEqual(after, before)

    def sign_in(self, kind: str) -> None:
        self.client.logout()
        if kind != "anonymous":
            self.client.force_login(getattr(self, kind))

    def post(self, kind: str, url: str, page: Page) -> dict[str, Any]:
        """What there is after it; nothing of it stays."""
        with transaction.atomic():
            with self.captureOnCommitCallbacks(execute=True):
                answer = self.client.post(url, page.data(self))
            self.check(kind, page.post, answer)
            after = take_stock()
            transaction.set_rollback(True)
        mail.outbox.clear()
        return after

    def check(self, kind: str, lowest: str, answer: Any) -> None:
        if answer.streaming:
            b"".join(answer.streaming_content)
        if kind in OUTSIDERS:
            self.assertEqual(answer.status_code, HTTPStatus.FOUND)
            self.assertIn("/login/", answer["Location"])
        elif RANKS.index(kind) > RANKS.index(lowest):
            self.assertEqual(answer.status_code, HTTPStatus.FORBIDDEN)
        else:
            usual = (HTTPStatus.OK, HTTPStatus.FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
            self.assertIn(answer.status_code, (*usual, HTTPStatus.CONFLICT))
            self.assertNotIn("/login/", answer.headers.get("Location", ""))


def make_people(case: Any) -> None:
    """A superuser, two with permissions of the plugin, staff without any, a buyer and a learner."""
    ours = Permission.objects.filter(content_type__app_label="token_payments")
    case.superuser = factories.make_user("root", is_staff=True, is_superuser=True)
    case.course_admin = factories.make_user("course_admin", is_staff=True)
    case.course_admin.user_permissions.set(ours)
    case.viewer = factories.make_user("viewer", is_staff=True)
    case.viewer.user_permissions.set(ours.filter(codename__startswith="view_"))
    case.staff = factories.make_user("staff", is_staff=True)
    case.buyer = factories.make_user("buyer")
    factories.make_user("lee")
