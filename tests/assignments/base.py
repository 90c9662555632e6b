"""An order of three codes, and two people to give them to."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from django.test import TestCase

from tests import factories
from token_payments.assignments import mails, operations
from token_payments.assignments.giving import Recipient
from token_payments.orders import queries as order_queries

COURSE = "course-v1:Acme+Fire+2026"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ANN = Recipient("ann@example.com", "Ann Lee")
BEN = Recipient("ben@example.com")


class AssignmentTestCase(TestCase):
    def setUp(self):
        self.item = factories.make_shop(COURSE)
        self.buyer = factories.make_user("buyer")
        self.ann = factories.make_user("ann")
        self.ben = factories.make_user("ben")
        self.order = factories.make_processed_order(self.item, buyer=self.buyer, quantity=3)

    def assign(self, *recipients, **arguments):
        arguments = {
            "actor": self.buyer,
            "idempotency_key": uuid.uuid4().hex,
            "now": NOW,
            **arguments,
        }
        return operations.assign_codes(self.order.pk, recipients, **arguments)

    def code_of(self, batch):
        (assignment,) = batch.assignments.select_related("code")
        return dict(order_queries.iterate_codes(self.order))[assignment.code]

    def send(self, batch, *, now=NOW):
        for assignment in batch.assignments.all():
            assert mails.claim_mail(assignment.pk, now=now)
            mails.confirm_mail(assignment.pk, now=now)
