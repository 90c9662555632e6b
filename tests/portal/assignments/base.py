"""An order of five tokens, its buyer, and learners; nobody is signed in, and nothing is mailed."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.enqueued import catch_enqueued, unheard
from token_payments.assignments import operations as assignment_operations
from token_payments.models import AssignmentBatch, CodeAssignment
from token_payments.orders import queries as order_queries

COURSE = "course-v1:Acme+Fire+2026"
ANN, BEN = "ann@example.com", "ben@example.com"


class LearnersCase(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.item = factories.make_shop(COURSE)
        cls.buyer = factories.make_user("buyer", name="Bridget Buyer")
        cls.stranger = factories.make_user("stranger")
        cls.ann = factories.make_user("ann", name="Ann Archer", is_active=True)
        cls.ben = factories.make_user("ben", name="Ben Baker")
        cls.order = factories.make_processed_order(cls.item, buyer=cls.buyer, quantity=5)

    def setUp(self) -> None:
        cache.clear()
        self.client.force_login(self.buyer)
        self.queue = self.enterContext(catch_enqueued("mail_assignments"))

    def url(self, name: str, **ids: Any) -> str:
        return reverse(f"token_payments:{name}", kwargs={"order_id": self.order.pk, **ids})

    def get(self, name: str, data: Any = None, **ids: Any) -> HttpResponse:
        return self.client.get(self.url(name, **ids), data)

    def post(self, name: str, data: Any = None, **ids: Any) -> HttpResponse:
        return self.client.post(self.url(name, **ids), data or {})

    def look(self, **data: Any) -> HttpResponse:
        """The preview of what was entered."""
        return self.post("give_tokens", data)

    def upload(self, content: bytes, name: str = "list.csv") -> HttpResponse:
        return self.look(file=SimpleUploadedFile(name, content))

    def confirm(self, preview: HttpResponse, **other: Any) -> HttpResponse:
        """What the preview's button sends."""
        fields = {
            "is_open": preview.context["is_open"],
            "idempotency_key": preview.context["form"]["idempotency_key"].value(),
        }
        return self.post("confirm_tokens", {"rows": preview.context["packed"], **fields, **other})

    @unheard
    def assign(self, *addresses: str, now: Any = None, **arguments: Any) -> AssignmentBatch:
        return assignment_operations.assign_codes(
            self.order.pk,
            [assignment_operations.Recipient(address) for address in addresses],
            actor=self.buyer,
            idempotency_key=uuid.uuid4().hex,
            now=now or timezone.now(),
            **arguments,
        )

    def send(self, batch: AssignmentBatch, *, now: Any = None) -> None:
        now = now or timezone.now()
        for assignment in batch.assignments.all():
            assignment_operations.claim_mail(assignment.pk, now=now)
            assignment_operations.confirm_mail(assignment.pk, now=now)

    def fail(self, assignment: CodeAssignment, error: str = "Mailbox full") -> None:
        assignment_operations.claim_mail(assignment.pk, now=timezone.now())
        assignment_operations.fail_mail(assignment.pk, error=error)

    def code_of(self, assignment: CodeAssignment) -> str:
        return dict(order_queries.iterate_codes(self.order))[assignment.code]

    def redeem(self, learner: Any, assignment: CodeAssignment) -> Any:
        return factories.redeem(learner, self.item, self.code_of(assignment))

    def addresses(self) -> list[str]:
        live = CodeAssignment.objects.filter(live=True)
        return list(live.order_by("id").values_list("email", flat=True))

    def text(self, response: HttpResponse) -> str:
        """What of a page is to be read, spaces made one."""
        page = re.sub(r"<(script|style).*?</\1>", "", response.content.decode(), flags=re.DOTALL)
        return " ".join(re.sub(r"<[^>]+>", " ", page).split())
