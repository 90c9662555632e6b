"""What the API adds to a payment, in statements: its key, its access checks, and what it shows."""

from __future__ import annotations

import uuid

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.enqueued import no_receipts
from tests.rest_api.base import ApiClient
from token_payments.checkout import operations as checkout_operations

CEXTRAE = "course-v1:Api+COUNT+2026"
#: Site, session and user 3; the key 2, its answer 1; whether the learner may redeem for anybody 2;
#: the wallet 1; what is shown 1; and 4 of the gate, which asks more when there is a request.
EXTRA = 14


class QueriesTest(TestCase):
    def setUp(self) -> None:
        factories.allow_paid()
        factories.make_course(CEXTRAE)
        self.learners = [factories.make_user(f"learner{number}") for number in range(3)]
        gold = factories.make_type()
        account = factories.make_account(members=self.learners)
        factories.make_item(CEXTRAE, methods=["wallet"], token_prices={gold: 1})
        factories.issue_tokens(account, gold, 9)
        self.wallet = factories.find_wallet(account, gold)

    def test_a_payment_through_the_api_takes_so_many_more_than_by_itself(self) -> None:
        body = {"item_key": CEXTRAE, "wallet": self.wallet.pk}
        self.assertEqual(ApiClient(self.learners[0]).post("/redemptions/", body).status_code, 201)
        with no_receipts(), CaptureQueriesContext(connection) as alone:
            checkout_operations.redeem(
                learner=self.learners[1],
                item_key=CEXTRAE,
                method="wallet",
                reference={"wallet": str(self.wallet.pk)},
                idempotency_key=uuid.uuid4().hex,
                now=timezone.now(),
            )
        client = ApiClient(self.learners[2])
        with CaptureQueriesContext(connection) as through:
            self.assertEqual(client.post("/redemptions/", body).status_code, 201)
        extra = len(through) - len(alone)
        self.assertEqual(extra, EXTRA, "\n".join(each["sql"][:150] for each in through))
