"""Accounts, orders and learners with something that ends, and runs of the reminders day by day."""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core import mail
from django.test import TestCase
from freezegun import freeze_time

from tests import factories
from token_payments.assignments import operations as assignment_operations
from token_payments.l10n.dates import end_of_day
from token_payments.models import CodeAssignment, TokenIssue, TokenOrder
from token_payments.notifications import mails
from token_payments.wallets import operations as wallet_operations

COURSE = "course-v1:Acme+FIRE+2026"
START = date(2027, 3, 22)  # in London winter; the clocks change on 28 March


def at(day: date, hour: int = 8) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def list_days(last: date, *ahead: int) -> list[date]:
    return [last - timedelta(days=days) for days in ahead]


class RemindersTestCase(TestCase):
    """An account of Acme's with a manager and a member, and a buyer of Token Codes."""

    def setUp(self) -> None:
        factories.allow_paid()
        factories.make_course(COURSE)
        self.manager = factories.make_user("manager", name="Maya Manager")
        self.member = factories.make_user("member")
        self.buyer = factories.make_user("buyer", name="Bea Buyer")
        self.account = factories.make_account(managers=[self.manager], members=[self.member])
        self.gold = factories.make_type()
        self.item = factories.make_item(COURSE)

    def issue(self, quantity: int, last: date | None, *, on: date = START, **fields: Any) -> Any:
        """Tokens issued on a day, to be used until the end of another."""
        arguments: dict[str, Any] = {"account": self.account, "token_type": self.gold, **fields}
        ends = end_of_day(last) if last else None
        return factories.issue_tokens(
            arguments["account"], arguments["token_type"], quantity, now=at(on), expires_at=ends
        )

    def order(self, last: date | None, *, on: date = START, **fields: Any) -> TokenOrder:
        """A processed order whose codes can be redeemed until the end of a day."""
        with freeze_time(at(on)):
            ends = end_of_day(last) if last else None
            fields = {"buyer": self.buyer, "redeem_by": ends, **fields}
            return factories.make_processed_order(self.item, **fields)

    def give(self, order: TokenOrder, address: str, *, on: date, name: str = "") -> CodeAssignment:
        """A code of the order to an address, which is told of it on that day."""
        recipient = assignment_operations.Recipient(address, name)
        key = uuid.uuid4().hex
        assignment_operations.assign_codes(
            order.pk, [recipient], actor=order.buyer, idempotency_key=key, now=at(on)
        )
        mails.send_assignments(order.pk, clock=lambda: at(on), limit=10)
        mail.outbox.clear()
        return CodeAssignment.objects.get(email=address.lower(), live=True)

    def spend(self, issue: TokenIssue, amount: int) -> None:
        wallet_operations.adjust_issue(
            issue.pk,
            -amount,
            actor=None,
            reason="",
            idempotency_key=uuid.uuid4().hex,
            now=issue.issued_at,
        )

    def run_on(self, day: date, *, hour: int = 8) -> list[Any]:
        """The mails that a run on that day sends."""
        mail.outbox.clear()
        mails.send_reminders(clock=lambda: at(day, hour))
        return list(mail.outbox)

    def run_daily(self, first: date, last: date, *, step: int = 1) -> dict[str, list[date]]:
        """Runs from day to day; by address, the days on which it had a mail."""
        mails: dict[str, list[date]] = defaultdict(list)
        day = first
        while day <= last:
            for message in self.run_on(day):
                (address,) = message.to
                mails[address].append(day)
            day += timedelta(days=step)
        return dict(mails)
