"""The help page "Training Tokens", retold sentence by sentence through the public API.

Each test is one heading or one question of the help page; what stands in quotes is its own text.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import TestCase

from tests import factories
from token_payments.catalogue import operations as catalogue_operations
from token_payments.catalogue import queries as catalogue_queries
from token_payments.errors import (
    AdjustmentsNotAllowed,
    ExpiryNotLater,
    InsufficientTokens,
    InvalidItem,
    IssueExpired,
    ManualIssuesNotAllowed,
    TokenPriceChanged,
    TypeArchived,
)
from token_payments.hosts import host
from token_payments.l10n.dates import last_day
from token_payments.models import CatalogueItem, Redemption, TokenIssue, TokenSettings, TokenType
from token_payments.orders import operations as order_operations
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets import queries as wallet_queries

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
WEEK, MONTH = NOW + timedelta(days=7), NOW + timedelta(days=30)
WELDING = "course-v1:Academy+WELD+2026"
CRANES = "course-v1:Academy+CRANE+2026"


class HelpPageTest(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        factories.allow_paid()
        for course in (WELDING, CRANES):
            factories.make_course(course, modes={"professional": 149})
        cls.operator = factories.make_user("operator")
        cls.amara, cls.tomasz = factories.make_user("amara"), factories.make_user("tomasz")
        cls.builders = factories.make_account("Okafor Builders", members=[cls.amara, cls.tomasz])
        cls.gold, cls.silver = factories.make_type("Gold"), factories.make_type("Silver")

    def sell(self, course: str = WELDING, **prices: int) -> CatalogueItem:
        types = {"gold": self.gold, "silver": self.silver}
        token_prices = {types[name]: number for name, number in prices.items()}
        return factories.make_item(course, methods=["wallet"], token_prices=token_prices)

    def issue(self, quantity: int, kind: TokenType | None = None, **fields: Any) -> TokenIssue:
        fields = {"now": NOW, "actor": self.operator, **fields}
        return factories.issue_tokens(self.builders, kind or self.gold, quantity, **fields)

    def pay(self, learner: Any, item: CatalogueItem, kind: TokenType | None = None, now=NOW):
        wallet = factories.find_wallet(self.builders, kind or self.gold)
        return factories.pay(learner, item, wallet, now=now)

    def balance(self, kind: TokenType | None = None, now: datetime = NOW) -> wallet_queries.Balance:
        return wallet_queries.get_balance(
            factories.find_wallet(self.builders, kind or self.gold), now
        )

    def extend(self, issue: TokenIssue, expires_at: datetime | None, now: datetime = NOW) -> Any:
        return wallet_operations.extend_expiry(
            issue.pk,
            expires_at,
            actor=self.operator,
            reason="illness",
            idempotency_key=f"{issue.pk} {expires_at} {now}",
            now=now,
        )

    def adjust(self, issue: TokenIssue, amount: int) -> Any:
        return wallet_operations.adjust_issue(
            issue.pk,
            amount,
            actor=self.operator,
            reason="a mistake",
            idempotency_key=f"{issue.pk} {amount}",
            now=NOW,
        )

    # --- what training tokens are ----------------------------------------------------------------
    def test_what_training_tokens_are(self) -> None:
        """ "Training Tokens are vouchers that can be redeemed for training. They are issued to
        Accounts and tracked as a balance that can be consumed over time." """
        item, other = self.sell(gold=7), self.sell(CRANES, gold=2)
        self.issue(10)
        assert self.balance() == wallet_queries.Balance(available=10)
        self.pay(self.amara, item)
        assert self.balance() == wallet_queries.Balance(available=3, spent=7)
        self.pay(self.tomasz, other, now=NOW + timedelta(days=90))
        assert self.balance() == wallet_queries.Balance(available=1, spent=9)

    def test_tokens_are_segmented_by_type(self) -> None:
        """ "Tokens are segmented by type and behave similarly to a unit of currency when applied
        to training purchases." """
        self.issue(10)
        self.issue(4, self.silver)
        assert (self.balance().available, self.balance(self.silver).available) == (10, 4)
        with pytest.raises(InsufficientTokens):
            self.pay(self.amara, self.sell(gold=7, silver=5), self.silver)

    # --- training token types --------------------------------------------------------------------
    def test_types_restrict_which_training_can_be_redeemed(self) -> None:
        """ "Multiple token types can also be used to restrict which training offerings can be
        redeemed, allowing organizations to segment high-value and low-value training catalogs." """
        expensive, cheap = self.sell(CRANES, gold=1), self.sell(WELDING, gold=1, silver=1)
        self.issue(100, self.silver)
        with pytest.raises(TokenPriceChanged):
            self.pay(self.amara, expensive, self.silver)
        assert host.get_enrolment(self.amara, CRANES) is None
        self.pay(self.amara, cheap, self.silver)
        assert host.get_enrolment(self.amara, WELDING).is_active

    def test_each_type_has_a_unique_name_used_when_displaying_prices(self) -> None:
        """ "Each Token Type can: have a unique name used when displaying prices; include an
        optional description (shown on invoices); define a default redemption period (expiry
        duration)." """
        item = self.sell(gold=3)
        assert [str(price) for price in catalogue_queries.list_token_prices(item)] == ["3 Gold"]
        same = TokenType(name="Gold", description="", redemption_days=None)
        with pytest.raises(ValidationError) as caught:
            same.full_clean()
        assert set(caught.value.message_dict) == {"name"}
        TokenType(
            name="Bronze", description="Half a day in a hall", redemption_days=90
        ).full_clean()

    def test_an_archived_type_is_spent_up_but_neither_issued_nor_priced_any_more(self) -> None:
        item, other = self.sell(gold=7), self.sell(CRANES, silver=1)
        self.issue(7)
        wallet_operations.archive_type(self.gold.pk, actor=self.operator)
        with pytest.raises(TypeArchived):
            self.issue(1)
        with pytest.raises(InvalidItem):
            catalogue_operations.save_item(other, methods=["wallet"], token_prices={self.gold: 1})
        assert self.pay(self.amara, item).tokens == 7

    # --- expiry and redemption periods -----------------------------------------------------------
    def test_the_redemption_period_determines_how_long_tokens_remain_valid(self) -> None:
        """ "Each token type can define a redemption period, which determines how long tokens remain
        valid after they are issued." """
        TokenType.objects.filter(pk=self.gold.pk).update(redemption_days=30)
        self.gold.refresh_from_db()
        ends = self.issue(10).expires_at
        assert last_day(ends) == date(2026, 12, 21)
        assert self.issue(10, self.silver).expires_at is None

    def test_when_tokens_expire(self) -> None:
        """ "When tokens expire: any remaining balance is automatically set to zero; expired tokens
        can no longer be redeemed for training." """
        item, issue = self.sell(gold=7), self.issue(10, expires_at=WEEK)
        with pytest.raises(InsufficientTokens):
            self.pay(self.amara, item, now=WEEK)
        assert self.balance(now=WEEK) == wallet_queries.Balance(expired=10)
        wallet_operations.expire_issues(now=WEEK)
        issue.refresh_from_db()
        assert issue.remaining == 0
        assert self.balance(now=WEEK) == wallet_queries.Balance(expired=10)

    # --- how tokens are used ---------------------------------------------------------------------
    def test_how_tokens_are_used(self) -> None:
        """ "Tokens are issued to Accounts and stored as a balance. When redeemed, the system
        deducts tokens from that balance. ... Tokens can be redeemed: during event registration;
        via API or automated workflows." """
        self.issue(10)
        redemption = self.pay(self.amara, self.sell(gold=7))
        assert host.get_enrolment(self.amara, WELDING).is_active
        assert sum(entry.amount for entry in redemption.entries.all()) == -7
        assert self.balance().available == 3

    def test_first_in_first_out_based_on_expiry(self) -> None:
        """ "If multiple token issues exist for an Account, tokens are consumed using a first-in,
        first-out approach based on expiry. In most cases, tokens with the earliest expiry date are
        used first." """
        late, early = self.issue(10, expires_at=MONTH), self.issue(5, expires_at=WEEK)
        redemption = self.pay(self.amara, self.sell(gold=7))
        drawn = redemption.entries.order_by("id").values_list("issue", "amount")
        assert list(drawn) == [(early.pk, -5), (late.pk, -2)]
        assert self.balance().available == 8

    # --- token settings --------------------------------------------------------------------------
    def test_allow_manual_raising_of_issues(self) -> None:
        """ "When disabled, tokens cannot be issued directly through the CRM. Tokens must instead be
        created via workflows such as bookings. This ensures token issuance is tied to auditable
        transactions." """
        TokenSettings(manual_issues_allowed=False).save()
        with pytest.raises(ManualIssuesNotAllowed):
            self.issue(10)
        order = factories.make_wallet_order(
            self.builders, self.gold, buyer=self.operator, invoice_number="INV-7", now=NOW
        )
        order_operations.start_processing(order.pk, actor=self.operator, now=NOW)
        issue = TokenIssue.objects.get()
        assert (issue.reference, issue.order.invoice_number) == (order.number, "INV-7")
        assert self.balance().available == 10

    def test_allow_adjustments_to_token_issues(self) -> None:
        """ "When disabled, manual balance adjustments are not permitted. Adjustments must be made
        through structured processes such as refunds or additional sales." """
        issue = self.issue(10)
        self.adjust(issue, -2)
        assert self.balance().available == 8
        TokenSettings(adjustments_allowed=False).save()
        with pytest.raises(AdjustmentsNotAllowed):
            self.adjust(issue, -1)
        order = factories.make_wallet_order(
            self.builders, self.gold, buyer=self.operator, quantity=5, now=NOW
        )
        order_operations.start_processing(order.pk, actor=self.operator, now=NOW)
        assert self.balance().available == 13
        order_operations.cancel_order(order.pk, actor=self.operator, now=NOW)
        assert self.balance().available == 8

    # --- FAQs ------------------------------------------------------------------------------------
    def test_how_are_training_tokens_used_up(self) -> None:
        """ "Tokens are consumed from the Account balance based on expiry order. Tokens that expire
        sooner are used first." """
        never, late, early = (
            self.issue(1),
            self.issue(1, expires_at=MONTH),
            self.issue(1, expires_at=WEEK),
        )
        order = []
        for number, learner in enumerate(("one", "two", "three")):
            user = factories.make_user(learner)
            self.builders.members.create(user=user)
            item = CatalogueItem.objects.first() if number else self.sell(gold=1)
            [entry] = self.pay(user, item).entries.all()
            order.append(entry.issue_id)
        assert order == [early.pk, late.pk, never.pk]

    def test_why_create_multiple_token_types(self) -> None:
        """ "Multiple token types allow you to segment your offering, such as differentiating
        between high-value and low-value courses." """
        self.issue(1, self.gold)
        self.issue(1, self.silver)
        self.pay(self.amara, self.sell(CRANES, gold=1), self.gold)
        self.pay(self.amara, self.sell(WELDING, silver=1), self.silver)
        paid = Redemption.objects.values_list("item__item_key", "wallet__token_type__name")
        assert set(paid) == {(CRANES, "Gold"), (WELDING, "Silver")}

    def test_what_happens_when_tokens_expire(self) -> None:
        """ "Any unused balance is automatically removed, and expired tokens can no longer be
        redeemed for training." """
        item = self.sell(gold=7)
        self.issue(10, expires_at=WEEK)
        self.pay(self.amara, item)
        wallet_operations.expire_issues(now=WEEK)
        assert self.balance(now=WEEK) == wallet_queries.Balance(spent=7, expired=3)
        with pytest.raises(InsufficientTokens):
            self.pay(self.tomasz, item, now=WEEK)

    def test_can_i_extend_tokens_before_they_expire(self) -> None:
        """ "Yes. You can update the expiry date on token issues where supported.": before they
        expire, and to a later day."""
        issue = self.issue(10, expires_at=WEEK)
        with pytest.raises(ExpiryNotLater):
            self.extend(issue, WEEK - timedelta(days=1))
        entry = self.extend(issue, MONTH)
        assert (entry.actor, entry.amount) == (self.operator, 0)
        assert "illness" in entry.reason
        assert self.balance(now=WEEK).available == 10
        with pytest.raises(IssueExpired):
            self.extend(issue, MONTH + timedelta(days=9), now=MONTH)
