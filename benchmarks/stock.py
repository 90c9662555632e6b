"""What the measures need in the database: learners, items, wallets and codes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.db.models import F
from django.utils import timezone

from benchmarks.models import Lot
from token_payments.catalogue import operations as catalogue_operations
from token_payments.models import (
    Account,
    AccountMember,
    CatalogueItem,
    EnrolmentSettings,
    TokenIssue,
    TokenOrder,
    TokenType,
    Wallet,
)
from token_payments.orders import operations as order_operations
from token_payments.wallets.issuing import raise_issue

LEARNERS = 4000
MANY = 10_000_000
PRICE = 7
LOTS = 3
OLD = 700  # items, each paid for by every learner
MAX_QUANTITY = 1_000_000


class Stock:
    """Made once for a run. Clients share out the learners, so that none pays twice for an item."""

    def __init__(self, *, learners: int = LEARNERS) -> None:
        self.now: datetime = timezone.now()
        self.behind = 0  # entries, redemptions and codes of long ago
        EnrolmentSettings.objects.create(enabled=True, override_allowed=True)
        users = get_user_model().objects
        users.bulk_create(
            users.model(username=f"bench{n}", email=f"bench{n}@example.com")
            for n in range(learners)
        )
        self.learners: list[Any] = list(users.filter(username__startswith="bench").order_by("id"))
        _make_profiles(self.learners)
        self.gold = TokenType.objects.create(name="Bench Gold")
        self.silver = TokenType.objects.create(name="Bench Silver")

    def share_of(self, client: int, clients: int) -> list[Any]:
        """The learners of one client."""
        return self.learners[client::clients]

    def make_item(
        self, *, token_type: TokenType | None = None, item_key: str = ""
    ) -> CatalogueItem:
        """A new item that costs PRICE tokens of the type, Gold unless told, or one code."""
        item = CatalogueItem(
            item_key=item_key or f"course-v1:Bench+{uuid4().hex}+2026",
            enrolment_method="paid",
            price=Decimal(149),
            currency="GBP",
        )
        prices = {token_type or self.gold: PRICE}
        return catalogue_operations.save_item(
            item, methods=("token_code", "wallet"), token_prices=prices
        )

    def make_order(self, item: CatalogueItem, quantity: int) -> TokenOrder:
        """A processed order for the item, with its codes."""
        order = self.request_order(item, quantity)
        order_operations.generate(order.pk, clock=timezone.now)
        order.refresh_from_db()
        return order

    def request_order(self, item: CatalogueItem, quantity: int) -> TokenOrder:
        """An order of codes that are about to be made."""
        order = TokenOrder(
            item=item,
            buyer=self.learners[0],
            quantity=quantity,
            billing_name="Bench",
            billing_street="1 High Street",
            billing_city="London",
            billing_country="GB",
        )
        order = order_operations.request_order(order, actor=order.buyer, now=self.now)
        return order_operations.start_processing(order.pk, actor=order.buyer, now=self.now)

    def make_wallet(self) -> Wallet:
        """A Gold wallet with three lots that never run out; every learner may spend from it."""
        account = Account.objects.create(name=uuid4().hex)
        AccountMember.objects.bulk_create(
            AccountMember(account=account, user=learner) for learner in self.learners
        )
        for number in range(LOTS):
            issue = raise_issue(
                account=account,
                token_type=self.gold,
                quantity=MANY,
                actor=None,
                idempotency_key=uuid4().hex,
                now=self.now,
                expires_at=self.now + timedelta(days=30 * (number + 1)),
            )
        return issue.wallet

    @cached_property
    def hot_wallet(self) -> Wallet:
        return self.make_wallet()

    @cached_property
    def expiring_wallet(self) -> Wallet:
        """For what the sweep is to find, so that no other measure has it in its way."""
        return self.make_wallet()

    @cached_property
    def own_wallets(self) -> dict[int, Wallet]:
        """By learner: a Gold wallet of the learner's own account, with three lots."""
        return self._make_own_wallets(self.gold, (MANY, MANY, MANY))

    @cached_property
    def small_lots(self) -> dict[int, Wallet]:
        """By learner: a Silver wallet whose first two lots don't pay for an item alone."""
        return self._make_own_wallets(self.silver, (2, 2, MANY))

    @cached_property
    def old_items(self) -> list[CatalogueItem]:
        """Items that learners paid for before: their ids have no gap."""
        CatalogueItem.objects.bulk_create(
            CatalogueItem(item_key=f"course-v1:Bench+OLD{number}+2020") for number in range(OLD)
        )
        items = CatalogueItem.objects.filter(item_key__startswith="course-v1:Bench+OLD")
        return list(items.order_by("id"))

    @cached_property
    def old_order(self) -> TokenOrder:
        """An order whose codes somebody else makes."""
        return self.request_order(self.make_item(), MAX_QUANTITY)

    @cached_property
    def lots(self) -> list[int]:
        """One lot of the limits' own table for each learner; the first is the hot one."""
        Lot.objects.bulk_create(Lot(remaining=10**9) for _ in self.learners)
        return list(Lot.objects.order_by("id").values_list("pk", flat=True))

    def refill(self, token_type: TokenType) -> None:
        """Fill the type's lots up again, past the ledger: good for the next round only."""
        issues = TokenIssue.objects.filter(wallet__token_type=token_type)
        issues.update(remaining=F("quantity"))

    def _make_own_wallets(
        self, token_type: TokenType, quantities: tuple[int, ...]
    ) -> dict[int, Wallet]:
        names = [f"{token_type} of {learner}" for learner in self.learners]
        Account.objects.bulk_create(Account(name=name) for name in names)
        accounts = dict(Account.objects.filter(name__in=names).values_list("name", "pk"))
        AccountMember.objects.bulk_create(
            AccountMember(account_id=accounts[name], user=learner)
            for name, learner in zip(names, self.learners, strict=True)
        )
        Wallet.objects.bulk_create(
            Wallet(account_id=accounts[name], token_type=token_type) for name in names
        )
        found = Wallet.objects.filter(account_id__in=accounts.values())
        wallets = {wallet.account_id: wallet for wallet in found}
        TokenIssue.objects.bulk_create(
            TokenIssue(
                wallet=wallet,
                quantity=quantity,
                remaining=quantity,
                issued_at=self.now,
                expires_at=self.now + timedelta(days=30 * (number + 1)),
                source="manual",
                idempotency_key=uuid4().hex,
            )
            for wallet in wallets.values()
            for number, quantity in enumerate(quantities)
        )
        return {
            learner.pk: wallets[accounts[name]]
            for name, learner in zip(names, self.learners, strict=True)
        }

    def iterate_lots(self, client: int, clients: int, *, is_hot: bool) -> Iterator[int]:
        """The limits' lots that a client takes from, without end."""
        own = self.lots[:1] if is_hot else self.lots[client::clients]
        while True:
            yield from own


def _make_profiles(users: list[Any]) -> None:
    """What the mini LMS wants of everybody."""
    from common.djangoapps.student.models import UserProfile

    UserProfile.objects.bulk_create(UserProfile(user=user, name=user.username) for user in users)
