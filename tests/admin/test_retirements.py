"""The admin lists retired users, and exports what is known of one person."""

from __future__ import annotations

import json

from django.contrib.auth.models import Permission
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from tests import factories
from token_payments.assignments import operations as assignment_operations
from token_payments.models import Retirement

COURSE = "course-v1:Acme+FIRE+2026"
URL = "/admin/token_payments/retirement/export/"


class ExportTest(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        item = factories.make_shop(COURSE)
        cls.buyer = factories.make_user("buyer")
        cls.order = factories.make_processed_order(item, buyer=cls.buyer)
        assignment_operations.assign_codes(
            cls.order.pk,
            [assignment_operations.Recipient("sam@example.com", "Sam Doe")],
            actor=cls.buyer,
            idempotency_key="a",
            now=timezone.now(),
        )
        cls.clerk = factories.make_user("clerk", is_staff=True)
        cls.clerk.user_permissions.add(Permission.objects.get(codename="export_personal_data"))

    def setUp(self) -> None:
        self.client.force_login(self.clerk)

    def export(self, person: str):
        return self.client.post(URL, {"person": person})

    def test_a_file_for_a_user(self) -> None:
        answer = self.export("buyer")
        assert answer["Content-Disposition"] == (
            f'attachment; filename="person-{self.buyer.pk}.json"'
        )
        assert "no-store" in answer["Cache-Control"]
        orders = json.loads(answer.content)["records"]["TokenOrder"]
        assert [(row["id"], row["because"]) for row in orders] == [(self.order.pk, ["buyer"])]

    def test_a_file_for_an_address_without_an_account(self) -> None:
        records = json.loads(self.export("SAM@example.com").content)["records"]
        (row,) = records["CodeAssignment"]
        assert row["values"]["name"] == "Sam Doe"

    def test_whoever_is_unknown(self) -> None:
        self.assertContains(self.export("nobody"), "Nobody has the user name “nobody”.")
        self.assertContains(self.export("x@example.com"), "Nothing is known of this person.")
        self.assertContains(self.export(""), "This field is required.")
        self.assertContains(self.export("a\0b"), "Null characters are not allowed.")

    def test_the_list_leads_to_it(self) -> None:
        now = timezone.now()
        Retirement.objects.create(user=self.buyer, first_at=now, last_at=now, values=7)
        page = self.client.get(reverse("admin:token_payments_retirement_changelist"))
        self.assertContains(page, "Export personal data")
        self.assertContains(page, URL)

    def test_not_for_those_without_the_permission(self) -> None:
        self.clerk.user_permissions.set(Permission.objects.filter(codename="view_retirement"))
        page = self.client.get(reverse("admin:token_payments_retirement_changelist"))
        self.assertNotContains(page, "Export personal data")
        assert self.export("buyer").status_code == 403
