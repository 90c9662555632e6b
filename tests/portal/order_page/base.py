"""A processed order of six codes: the first redeemed, the second assigned, the last cancelled."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.cache import cache
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from tests import factories
from token_payments.assignments import operations as assignment_operations
from token_payments.models import TokenOrder

COURSE = "course-v1:Acme+Fire+2026"


class OrderCase(TestCase):
    """Bea bought it, Dan is her delegate, Mary manages the account that it is for."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.item = factories.make_shop(COURSE, course={"display_name": "Fire & Safety"}, price=149)
        cls.buyer = factories.make_user("buyer", name="Bea Buyer")
        cls.delegate = factories.make_user("dan", name="Dan Delegate")
        cls.manager = factories.make_user("mary", name="Mary Manager")
        cls.stranger = factories.make_user("stranger", is_staff=True, is_superuser=True)
        cls.learner = factories.make_user("lee", name="=Lee Learner")
        cls.account = factories.make_account(managers=[cls.manager])
        cls.order = cls.make_order(6, account=cls.account)
        cls.codes = factories.list_codes(cls.order)
        factories.redeem(cls.learner, cls.item, cls.codes[0])
        cls.batch = cls.assign("ann@example.com", "Ann Archer")
        cls.cancel(1)
        now = timezone.now()
        assignment_operations.add_delegate(cls.order, cls.delegate, actor=cls.buyer, now=now)

    def setUp(self) -> None:
        cache.clear()

    @classmethod
    def make_order(cls, quantity: int, **fields: Any) -> TokenOrder:
        return factories.make_processed_order(
            cls.item, buyer=cls.buyer, quantity=quantity, **fields
        )

    @classmethod
    def assign(cls, email: str, name: str = "", *, order: TokenOrder | None = None) -> Any:
        """Give the first code that is nobody's to this address."""
        return assignment_operations.assign_codes(
            (order or cls.order).pk,
            [assignment_operations.Recipient(email, name)],
            actor=cls.buyer,
            idempotency_key=uuid.uuid4().hex,
            now=timezone.now(),
        )

    @classmethod
    def cancel(cls, quantity: int, *, order: TokenOrder | None = None, **fields: Any) -> Any:
        return assignment_operations.cancel_unused(
            (order or cls.order).pk,
            quantity=quantity,
            refund_amount=0,
            actor=cls.buyer,
            idempotency_key=uuid.uuid4().hex,
            now=timezone.now(),
            **fields,
        )

    def url(self, name: str = "order_tokens", *, order: TokenOrder | None = None) -> str:
        return reverse(f"token_payments:{name}", kwargs={"order_id": (order or self.order).pk})

    def get(self, name: str = "order_tokens", data: Any = None, *, user: Any = None, **other: Any):
        self.client.force_login(user or self.buyer)
        return self.client.get(self.url(name, **other), data)

    def post(self, name: str, data: Any = None, *, user: Any = None, query: str = "", **other: Any):
        self.client.force_login(user or self.buyer)
        headers = other.pop("headers", None)
        return self.client.post(self.url(name, **other) + query, data or {}, headers=headers)

    def post_json(self, name: str, data: Any = None, **other: Any):
        return self.post(name, data, headers={"Accept": "application/json"}, **other)

    def find_logged(self, action: str, *, order: TokenOrder | None = None) -> list[tuple[Any, int]]:
        """(actor, quantity) of the log's entries of one kind, the newest first."""
        rows = (order or self.order).log.filter(action=action)
        return [(row.actor, row.quantity) for row in rows.select_related("actor")]
