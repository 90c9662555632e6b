"""Texts that people enter are texts wherever they are shown: no page runs or shows them as HTML."""

from __future__ import annotations

from decimal import Decimal

from django.core import mail
from django.urls import reverse
from django.utils import timezone

from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from tests import factories
from tests.security.base import EveryAddress
from token_payments.assignments import operations as assignment_operations
from token_payments.models import Account, CatalogueItem, Redemption, TokenOrder, TokenType

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
RAW = ("<script>alert(", "<img src=x", "\"'><")


class MarkupTest(EveryAddress):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        CourseOverview.objects.update(display_name=EVIL, short_description=EVIL, org=EVIL)
        CatalogueItem.objects.update(title=EVIL)
        texts = {"group_name": EVIL, "billing_name": EVIL, "billing_street": EVIL}
        TokenOrder.objects.update(billing_city=EVIL, billing_region=EVIL, **texts)
        TokenOrder.objects.filter(pk=cls.order.pk).update(
            invoice_number=EVIL, purchase_order=f"{EVIL}2"
        )
        Redemption.objects.update(group_name=EVIL)
        factories.issue_tokens(cls.acme, cls.gold, 3, reference=EVIL, reason=EVIL)
        TokenType.objects.update(name=EVIL, description=EVIL)
        Account.objects.update(name=EVIL, reference=EVIL, billing_name=EVIL, billing_street=EVIL)
        for user in (cls.buyer, cls.learner, cls.course_admin):
            user.profile.name = user.first_name = EVIL
            user.profile.save()
            user.save()
        assignment_operations.cancel_unused(
            cls.order.pk,
            quantity=1,
            refund_amount=Decimal(1),
            actor=cls.course_admin,
            idempotency_key="k",
            now=timezone.now(),
            reason=EVIL,
        )
        cls.root = factories.make_user("root", name=EVIL, is_staff=True, is_superuser=True)

    def assert_plain(self, answer, where: str) -> None:
        if not answer.get("Content-Type", "").startswith("text/html"):
            return
        text = answer.content.decode()
        for raw in RAW:
            self.assertNotIn(raw, text, where)

    def test_in_the_admin(self) -> None:
        self.client.force_login(self.root)
        for _, page, url in self.list_urls():
            if page == "delete":
                continue
            self.assert_plain(self.client.get(url, {"q": EVIL}, follow=True), f"GET {url}")
            form = {"q": EVIL, "quantity": EVIL, "refund_amount": EVIL, "buyer": EVIL}
            form |= {
                "item_key": EVIL,
                "item": self.item.pk,
                "group_name": EVIL,
                "course_mode": EVIL,
            }
            form |= {"name": EVIL, "reason": EVIL, "user": EVIL, "action": "add", "account": EVIL}
            form |= {"token_type": EVIL, "issues": EVIL, "reference": EVIL, "text": EVIL}
            form |= {"currency": "<b>", "price": EVIL, "enrolment_method": EVIL}
            if page not in ("cancel", "finish_processing", "download"):
                self.assert_plain(self.client.post(url, form, follow=True), f"POST {url}")

    def test_at_checkout(self) -> None:
        arguments = {"item_key": self.item.item_key}
        spare = {"item_key": self.spare.item_key}
        for user in (self.learner, self.buyer, self.root):
            self.client.force_login(user)
            for given in (arguments, spare):
                page = reverse("token_payments:checkout", kwargs=given)
                self.assert_plain(self.client.get(page), page)
                data = {"method": "token_code", "token_code-code": EVIL}
                self.assert_plain(self.client.post(page, data), page)
                data["token_code-code"] = factories.list_codes(self.order)[1]
                self.assert_plain(self.client.post(page, data, follow=True), page)
            receipt = reverse("token_payments:receipt", args=[self.redemption.uuid])
            self.assert_plain(self.client.get(receipt), receipt)

    def test_in_the_mail(self) -> None:
        self.client.force_login(self.root)
        self.post(self.order_page(self.order, "email_tokens"))
        [message] = mail.outbox
        [(html, _)] = message.alternatives
        for raw in RAW:
            self.assertNotIn(raw, html)
