"""The same request again: answered with the first result, or refused when it asks for more.

Whatever has changed since: the tokens are spent, the account frozen, the switches off.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from ddt import data, ddt, unpack
from django.test import TestCase, override_settings

from tests import factories
from token_payments.assignments import operations as assignment_operations
from token_payments.checkout import operations as checkout_operations
from token_payments.errors import IdempotencyConflict
from token_payments.l10n.dates import end_of_day
from token_payments.models import (
    LedgerEntry,
    Redemption,
    TokenIssue,
    TokenOrder,
    TokenOrderCancellation,
    TokenOrderLogEntry,
    TokenSettings,
    TokenType,
)
from token_payments.orders import operations as order_operations
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets.issuing import take_back_tokens

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=400)
DAY = timedelta(days=1)
COURSE = "course-v1:Again+A1+2026"
OTHER = "course-v1:Again+A2+2026"
UUID = "12345678-1234-4234-8234-123456789012"
TABLES = (
    LedgerEntry,
    Redemption,
    TokenIssue,
    TokenOrder,
    TokenOrderCancellation,
    TokenOrderLogEntry,
)


@ddt
class RetryTest(TestCase):
    """Every operation with its arguments in ``OPERATIONS``, done on ten Gold of one issue."""

    @classmethod
    def setUpTestData(cls) -> None:
        factories.allow_paid()
        cls.gold, cls.silver = factories.make_type("Gold"), factories.make_type("Silver")
        cls.actor = factories.make_user("operator")
        cls.learner, cls.other = factories.make_user("learner"), factories.make_user("other")
        cls.account = factories.make_account(members=[cls.learner, cls.other])
        cls.another = factories.make_account("Another")
        for key in (COURSE, OTHER):
            factories.make_course(key, modes={"verified": 149})
            prices = {cls.gold: 7, cls.silver: 7}
            cls.item = factories.make_item(key, methods=["wallet"], token_prices=prices)
        order = factories.make_wallet_order(
            cls.account,
            cls.gold,
            buyer=cls.actor,
            now=NOW,
            redeem_by=NOW + 9 * DAY,
            unit_price=Decimal(5),
            currency="GBP",
        )
        cls.order = order_operations.start_processing(order.pk, actor=cls.actor, now=NOW)
        cls.second = factories.issue_tokens(
            cls.account, cls.gold, 10, actor=cls.actor, now=NOW, expires_at=NOW + 99 * DAY
        )

    # --- the operations, with what may differ -----------------------------------------------------
    def do(self, operation: str, now: datetime = NOW, **other: Any) -> Any:
        call: Callable[..., Any] = getattr(self, operation)
        return call(now=now, **other)

    def redeem(self, *, wallet: Any = None, tokens: str = "7", **other: Any) -> Redemption:
        wallet = factories.find_wallet(self.account, wallet or self.gold)
        arguments = {
            "learner": self.learner,
            "item_key": COURSE,
            "method": "wallet",
            "reference": {"wallet": str(wallet.pk), "tokens": tokens},
            "idempotency_key": "key",
        } | other
        return checkout_operations.redeem(**arguments)

    def raise_issue(self, **other: Any) -> TokenIssue:
        arguments = {
            "account": self.account,
            "token_type": self.gold,
            "quantity": 4,
            "actor": self.actor,
            "idempotency_key": "key",
            "expires_at": NOW + 9 * DAY,
            "reference": "PO 1",
            "unit_price": Decimal("2.50"),
            "currency": "GBP",
        } | other
        return wallet_operations.raise_issue(**arguments)

    def adjust(self, *, issue: TokenIssue | None = None, amount: int = -10, **other: Any) -> Any:
        issue_id = issue.pk if issue else self.order.issue_id
        return wallet_operations.adjust_issue(issue_id, amount, **self.arguments(**other))

    def extend(
        self,
        *,
        issue: TokenIssue | None = None,
        expires_at: datetime | None = NOW + 20 * DAY,
        **other: Any,
    ) -> Any:
        issue_id = issue.pk if issue else self.order.issue_id
        return wallet_operations.extend_expiry(issue_id, expires_at, **self.arguments(**other))

    def take_back(self, *, issue: TokenIssue | None = None, **other: Any) -> int:
        issue_id = issue.pk if issue else self.order.issue_id
        return take_back_tokens(issue_id, **self.arguments(**{"quantity": 10, **other}))

    def request_order(self, **other: Any) -> TokenOrder:
        account = other.pop("account", self.account)
        token_type = other.pop("token_type", self.gold)
        arguments = {"buyer": self.actor, "quantity": 3, "uuid": UUID} | other
        return factories.make_wallet_order(account, token_type, **arguments)

    def cancel_unused(self, *, order: TokenOrder | None = None, **other: Any) -> Any:
        arguments = {"quantity": 10, "refund_amount": Decimal(50)} | other
        return assignment_operations.cancel_unused(
            (order or self.order).pk, **self.arguments(**arguments)
        )

    def cancel_order(self, **other: Any) -> TokenOrder:
        return order_operations.cancel_order(
            self.order.pk, actor=self.actor, refund_amount=Decimal(50), **other
        )

    def arguments(self, **other: Any) -> dict[str, Any]:
        return {"actor": self.actor, "reason": "why", "idempotency_key": "key"} | other

    # --- what follows ----------------------------------------------------------------------------
    def change_everything(self) -> None:
        """Nothing is left, nothing is allowed any more."""
        wallet_operations.expire_issues(now=LATER)
        wallet_operations.freeze_account(self.account.pk, actor=self.actor)
        wallet_operations.archive_type(self.gold.pk, actor=self.actor)
        TokenType.objects.update(redemption_days=1)
        TokenSettings(manual_issues_allowed=False, adjustments_allowed=False).save()
        factories.allow_paid(enabled=False)

    def count_rows(self) -> list[list[dict]]:
        return [list(table.objects.order_by("id").values()) for table in TABLES]

    @data(
        "redeem",
        "raise_issue",
        "adjust",
        "extend",
        "take_back",
        "request_order",
        "cancel_unused",
        "cancel_order",
    )
    def test_answers_with_the_first_result_whatever_has_changed(self, operation: str) -> None:
        first = self.do(operation)
        self.change_everything()
        before = self.count_rows()
        assert self.do(operation, now=LATER) == first
        assert self.count_rows() == before

    @data(
        ("redeem", {"learner": "other"}),
        ("redeem", {"item_key": OTHER}),
        ("redeem", {"wallet": "silver"}),
        ("redeem", {"tokens": "6"}),
        ("redeem", {"method": "token_code"}),
        ("raise_issue", {"account": "another"}),
        ("raise_issue", {"token_type": "silver"}),
        ("raise_issue", {"quantity": 5}),
        ("raise_issue", {"expires_at": NOW + 10 * DAY}),
        ("raise_issue", {"reference": "PO 2"}),
        ("raise_issue", {"unit_price": Decimal(3)}),
        ("raise_issue", {"currency": "EUR"}),
        ("adjust", {"issue": "second"}),
        ("adjust", {"amount": -9}),
        ("adjust", {"amount": 10}),
        ("extend", {"issue": "second", "expires_at": NOW + 200 * DAY}),
        ("extend", {"expires_at": NOW + 21 * DAY}),
        ("extend", {"expires_at": None}),
        ("take_back", {"issue": "second"}),
        ("take_back", {"quantity": 9}),
        ("request_order", {"account": "another"}),
        ("request_order", {"token_type": "silver"}),
        ("request_order", {"buyer": "other"}),
        ("request_order", {"quantity": 4}),
        ("cancel_unused", {"quantity": 9}),
        ("cancel_unused", {"refund_amount": Decimal(49)}),
    )
    @unpack
    def test_the_same_key_for_something_else_is_refused(self, operation: str, other: dict) -> None:
        self.do(operation)
        before = self.count_rows()
        names = {"account", "buyer", "issue", "learner", "token_type", "wallet"}
        resolved = {
            name: getattr(self, value) if name in names else value for name, value in other.items()
        }
        with pytest.raises(IdempotencyConflict):
            self.do(operation, **resolved)
        assert self.count_rows() == before

    @data("adjust", "extend", "take_back")
    def test_the_key_of_another_operation_is_refused(self, operation: str) -> None:
        for first in {"adjust", "extend", "take_back"} - {operation}:
            with self.subTest(first):
                self.do(first, issue=self.second, idempotency_key=first, **_few(first))
                with pytest.raises(IdempotencyConflict):
                    self.do(operation, issue=self.second, idempotency_key=first, **_few(operation))

    @data(("Africa/Cairo", date(2027, 4, 29)), ("Atlantic/Azores", date(2027, 10, 30)))
    @unpack
    def test_a_day_that_ends_when_the_clocks_change_is_the_same_day_again(
        self, zone: str, day: date
    ) -> None:
        with override_settings(TOKEN_PAYMENTS={"TIME_ZONE": zone}):
            first = self.do("raise_issue", expires_at=end_of_day(day))
            assert self.do("raise_issue", expires_at=end_of_day(day)) == first

    def test_a_dead_request_for_an_order_does_not_bring_its_tokens_back(self) -> None:
        self.do("cancel_order")
        assert self.do("cancel_order").status == "cancelled"
        assert TokenIssue.objects.get(pk=self.order.issue_id).remaining == 0
        assert TokenOrderCancellation.objects.count() == 1


def _few(operation: str) -> dict[str, Any]:
    """Arguments that leave something for the next operation."""
    return {
        "adjust": {"amount": -1},
        "extend": {"expires_at": NOW + 200 * DAY},
        "take_back": {"quantity": 1},
    }[operation]
