"""A manager with members and tokens, and an order with codes, for jobs to work on."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

from django.test import TestCase

from tests import factories
from token_payments.assignments import operations as assignment_operations
from token_payments.bulk import operations as bulk_operations
from token_payments.models import BulkJob, BulkRow, Redemption
from token_payments.notifications.table import FOLLOWS
from token_payments.outbox.steps import Step
from token_payments.wallets import queries as wallet_queries

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
COURSE = "course-v1:Bulk+B1+2026"


class BulkCase(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.gold = factories.make_type("Gold")
        cls.item = factories.make_shop(
            COURSE,
            modes={"verified": 149},
            methods=["wallet", "token_code"],
            token_prices={cls.gold: 2},
        )
        cls.manager = factories.make_user("manager")
        cls.names = [f"member{number}" for number in range(5)]
        cls.members = [factories.make_user(name) for name in cls.names]
        cls.stranger = factories.make_user("stranger")
        cls.account = factories.make_account(members=cls.members, managers=[cls.manager])
        factories.issue_tokens(cls.account, cls.gold, 20, now=NOW)
        cls.wallet = factories.find_wallet(cls.account, cls.gold)
        cls.order = factories.make_processed_order(cls.item, buyer=cls.manager, quantity=4)

    def setUp(self) -> None:
        self.paid: list[int] = []
        self.assigned: list[int] = []
        told = {
            Step.REDEEMED: (lambda redemption: self.paid.append(redemption.pk),),
            Step.MAILS_WAIT: (self.assigned.append,),
        }
        self.enterContext(mock.patch.dict(FOLLOWS, told))

    def redeem(self, *names: str, **arguments: Any) -> BulkJob:
        arguments = {
            "actor": self.manager,
            "wallet": self.wallet,
            "item_key": COURSE,
            "tokens": 2,
            "names": names,
            "idempotency_key": "key",
            "now": NOW,
            **arguments,
        }
        return bulk_operations.start_redeeming(**arguments)

    def assign(self, *addresses: str, **arguments: Any) -> BulkJob:
        arguments = {
            "actor": self.manager,
            "order_id": self.order.pk,
            "recipients": [assignment_operations.Recipient(address) for address in addresses],
            "idempotency_key": "key",
            "now": NOW,
            **arguments,
        }
        return bulk_operations.start_assigning(**arguments)

    def run_job(self, job: BulkJob, **arguments: Any) -> BulkJob:
        """Until it is done."""
        arguments = {"clock": lambda: NOW, **arguments}
        while bulk_operations.run_job(job.pk, **arguments):
            pass
        job.refresh_from_db()
        return job

    def available(self) -> int:
        return wallet_queries.get_balance(self.wallet, NOW).available


def states(job: BulkJob) -> list[str]:
    """What became of each row; of those that aren't done, why."""
    rows = BulkRow.objects.filter(job=job).order_by("number").values_list("state", "reason")
    return [f"{state}: {reason}" if reason else state for state, reason in rows]


def count_payments() -> dict[str, int]:
    return dict(Counter(Redemption.objects.values_list("learner__username", flat=True)))
