"""The demo's wallets: two accounts, three token types, and issues in every state.

All of it happens by the operations that people use, at earlier times where it is meant to be past;
in each wallet one after the other, as in its statement.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from opaque_keys.edx.keys import CourseKey

from lms.djangoapps.demo import data
from token_payments.assignments import operations as assignment_operations
from token_payments.checkout import operations as checkout_operations
from token_payments.l10n.dates import end_of_day, last_day
from token_payments.models import (
    Account,
    AccountRole,
    OrderKind,
    TokenIssue,
    TokenOrder,
    TokenType,
    Wallet,
)
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries
from token_payments.wallets import operations as wallet_operations

TYPES = {
    data.GOLD: (365, "Pays for certificate courses of a day and longer."),
    data.SILVER: (90, "Pays for short courses."),
    data.BRONZE: (None, "From the price list of earlier years; replaced by Silver."),
}
HOMES_ADDRESS = {
    "billing_name": "Northgate Homes Ltd",
    "billing_street": "3 Mill Lane",
    "billing_postcode": "LS2 7EW",
    "billing_city": "Leeds",
    "billing_country": "GB",
}
CHARITY_ADDRESS = {
    "billing_name": "Lantern Street Charity",
    "billing_street": "58 Lantern Street",
    "billing_postcode": "BS1 4DJ",
    "billing_city": "Bristol",
    "billing_country": "GB",
}
STORY = f"""Try paying with training tokens, from both sides:

  1. operator: Admin, Accounts, {data.CHARITY}, Issue tokens: 10 Gold that expire next
     month, then 5 Gold that expire next week. The charity has no Gold yet.
  2. operator: Admin, Catalogue items, Crane and Hoist Supervision: add the payment
     method Training tokens, and a price of 7 Gold.
  3. learner3: open that course and pay: 5 + 2 tokens are drawn, 8 are left.
  4. learner3: My courses, Unenrol: 5 + 2 are back in the same issues, as the statement of
     Gold in Manage My Tokens shows; a mail says so.

  `make demo-scheduled`, in another terminal, does what runs every day: the manager of
  {data.HOMES} is reminded of Gold that expires in 6 and in 24 days, and learner3 told
  that the charity has little Silver. Pay for a course with Gold of {data.HOMES}, and its
  manager is told that there are fewer than 55. Where the mails are is said above.

  Later: operator reverses a payment under Admin, Redemptions, transfers tokens from an
  account's page, and retires somebody under Admin, Users: tick one, and choose the action.

  More: learner1 has paid for Working at Height with Gold. learner2 chooses between two
  accounts, and for Mental Health First Aid between Gold and Silver. {data.HOMES} has
  issues in every state; three of the token orders are for wallet tokens."""


def seed_types() -> None:
    for name, (days, description) in TYPES.items():
        TokenType.objects.get_or_create(
            name=name, defaults={"redemption_days": days, "description": description}
        )


def seed_wallets(*, now: datetime) -> None:
    """Once: what is there already stays as it is, with the dates that it got then."""
    if Account.objects.filter(name=data.HOMES).exists():
        return
    homes = Account.objects.create(name=data.HOMES, reference="C-1041", **HOMES_ADDRESS)
    charity = Account.objects.create(name=data.CHARITY, reference="C-1077", **CHARITY_ADDRESS)
    _seed_members(homes, charity)
    _seed_gold(homes, now)
    _seed_silver(homes, now)
    _seed_charity(charity, now)
    _raise(homes, data.BRONZE, 15, now - timedelta(days=300), reference="INV-2026-0009")
    wallet_operations.archive_type(_type(data.BRONZE).pk, actor=_operator())
    _seed_orders(homes, now)
    _seed_alerts(homes, charity, now)
    _transfer(homes, charity, now)


def _seed_members(homes: Account, charity: Account) -> None:
    people = (
        (homes, data.MANAGER, AccountRole.MANAGER),
        (homes, data.BUYER, AccountRole.MEMBER),
        (homes, data.LEARNER1, AccountRole.MEMBER),
        (homes, data.LEARNER2, AccountRole.MEMBER),
        (charity, data.LEARNER2, AccountRole.MEMBER),
        (charity, data.LEARNER3, AccountRole.MANAGER),
    )
    for account, username, role in people:
        wallet_operations.set_member(account, _user(username), role, actor=_operator())


def _seed_gold(homes: Account, now: datetime) -> None:
    """Expired, used up, partly spent, expiring within a month and a week, and fresh."""
    _raise(homes, data.GOLD, 10, now - timedelta(days=400), reference="INV-2025-0214")
    ends = _in_days(now, 12)
    _raise(homes, data.GOLD, 3, now - timedelta(days=50), expires_at=ends, reference="Goodwill")
    wallet_operations.expire_all_issues(now=now - timedelta(days=34))
    ends, issued = _in_days(now, 24), now - timedelta(days=30)
    _raise(homes, data.GOLD, 12, issued, expires_at=ends, reference="INV-2026-0163")
    _pay(data.LEARNER1, homes, data.GOLD, data.HEIGHT_KEY, now - timedelta(days=20))
    _pay(data.BUYER, homes, data.GOLD, data.MENTAL_KEY, now - timedelta(days=10))
    ends, issued = _in_days(now, 6), now - timedelta(days=5)
    _raise(homes, data.GOLD, 6, issued, expires_at=ends, reference="Spring campaign")
    _raise(homes, data.GOLD, 40, now, reference="INV-2026-0199")


def _seed_silver(homes: Account, now: datetime) -> None:
    """An issue that was extended, and one that was adjusted."""
    extended = _raise(homes, data.SILVER, 20, now - timedelta(days=60), reference="INV-2026-0121")
    adjusted = _raise(homes, data.SILVER, 8, now - timedelta(days=40), reference="INV-2026-0150")
    wallet_operations.adjust_issue(
        adjusted.pk,
        2,
        actor=_operator(),
        reason="The invoice had 10",
        idempotency_key="demo-adjustment",
        now=now - timedelta(days=38),
    )
    wallet_operations.extend_expiry(
        extended.pk,
        _in_days(now, 75),
        actor=_operator(),
        reason="Courses were moved to next term",
        idempotency_key="demo-extension",
        now=now - timedelta(days=7),
    )
    wallet_operations.set_use_last(
        extended.pk,
        True,
        actor=_operator(),
        reason="Kept for the night shift",
        idempotency_key="demo-use-last",
        now=now - timedelta(days=6),
    )


def _transfer(homes: Account, charity: Account, now: datetime) -> None:
    """Some of the homes' Silver for the charity, by staff."""
    source = Wallet.objects.get(account=homes, token_type=_type(data.SILVER))
    wallet_operations.transfer_tokens(
        wallet_operations.WantedTransfer(source, charity, 4),
        actor=_operator(),
        reason="Shared induction day",
        idempotency_key="demo-transfer",
        now=now - timedelta(days=1),
    )


def _seed_charity(charity: Account, now: datetime) -> None:
    """Silver without an expiry, and an order that was cancelled in part."""
    silver = _raise(charity, data.SILVER, 6, now - timedelta(days=70), expires_at=_in_days(now, 3))
    wallet_operations.extend_expiry(
        silver.pk,
        None,
        actor=_operator(),
        reason="Charities keep theirs",
        idempotency_key="demo-never",
        now=now - timedelta(days=69),
    )
    order = _request(charity, data.SILVER, 12, now - timedelta(days=14), "INV-2026-0181")
    order_operations.start_processing(order.pk, actor=_operator(), now=now - timedelta(days=13))
    assignment_operations.cancel_unused(
        order.pk,
        quantity=4,
        refund_amount=order_queries.suggest_refund(order, 4) or Decimal(0),
        actor=_operator(),
        idempotency_key="demo-wallet-cancellation",
        now=now - timedelta(days=2),
        reason="Fewer volunteers than planned",
    )


def _seed_orders(homes: Account, now: datetime) -> None:
    """An order that is processed, and one that waits for it."""
    order = _request(homes, data.SILVER, 25, now - timedelta(days=9), "INV-2026-0188")
    order_operations.start_processing(order.pk, actor=_operator(), now=now - timedelta(days=6))
    _request(homes, data.GOLD, 50, now - timedelta(days=1), "INV-2026-0204")


def _seed_alerts(homes: Account, charity: Account, now: datetime) -> None:
    """Gold that one more course makes few, and Silver of which there are few already."""
    for account, name, threshold in ((homes, data.GOLD, 55), (charity, data.SILVER, 20)):
        wallet = Wallet.objects.get(account=account, token_type=_type(name))
        wallet_operations.set_low_balance(
            wallet.pk, threshold=threshold, actor=_operator(), now=now
        )


def _raise(
    account: Account, type_name: str, quantity: int, issued: datetime, **fields: Any
) -> TokenIssue:
    reference = fields.get("reference", "")
    return wallet_operations.raise_issue(
        account=account,
        token_type=_type(type_name),
        quantity=quantity,
        actor=_operator(),
        idempotency_key=f"demo-{account.reference}-{type_name}-{quantity}-{reference}",
        now=issued,
        **fields,
    )


def _request(
    account: Account, type_name: str, quantity: int, now: datetime, invoice_number: str
) -> TokenOrder:
    is_gold = type_name == data.GOLD
    order = TokenOrder(
        kind=OrderKind.WALLET,
        buyer=_user(data.MANAGER if account.name == data.HOMES else data.LEARNER3),
        account=account,
        token_type=_type(type_name),
        quantity=quantity,
        unit_price=Decimal(45 if is_gold else 18),
        currency="GBP",
        invoice_number=invoice_number,
        **(HOMES_ADDRESS if account.name == data.HOMES else CHARITY_ADDRESS),
    )
    return order_operations.request_order(order, actor=_user(data.COURSE_ADMIN), now=now)


def _pay(username: str, account: Account, type_name: str, course: CourseKey, now: datetime) -> None:
    wallet = Wallet.objects.get(account=account, token_type=_type(type_name))
    checkout_operations.redeem(
        learner=_user(username),
        item_key=str(course),
        method="wallet",
        reference={"wallet": str(wallet.pk)},
        idempotency_key=f"demo-wallet-{course}",
        now=now,
    )


def _in_days(now: datetime, days: int) -> datetime:
    """The end of the local day that comes so many days after today."""
    return end_of_day(last_day(now + timedelta(microseconds=1, days=days)))


def _type(name: str) -> TokenType:
    return TokenType.objects.get(name=name)


def _operator() -> Any:
    return _user(data.OPERATOR)


def _user(username: str) -> Any:
    return get_user_model().objects.get(username=username)
