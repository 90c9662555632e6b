"""One wallet under real concurrency: never overdrawn, nothing lost, no deadlock that is seen."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db.models import F, Sum
from django.utils import timezone

from tests import factories
from tests.concurrency import race
from token_payments.checkout import operations as checkout_operations
from token_payments.errors import InsufficientTokens
from token_payments.models import Account, LedgerEntry, Redemption, TokenIssue, Wallet
from token_payments.wallets.spending import expire_all_issues

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

COURSES = [f"course-v1:Race+W{number}+2026" for number in range(4)]
LEARNERS = 32
PRICE = 1


@pytest.fixture
def account(settings) -> Account:
    settings.TOKEN_PAYMENTS = {
        **settings.TOKEN_PAYMENTS,
        "PAYMENT_METHODS": ["token_payments.checkout.payment_methods.wallet.WalletPayment"],
    }
    factories.allow_paid()
    gold = factories.make_type()
    for course in COURSES:
        factories.make_course(course, modes={"verified": 149})
        factories.make_item(course, methods=["wallet"], token_prices={gold: PRICE})
    return factories.make_account(
        members=[factories.make_user(f"racer{number}") for number in range(LEARNERS)]
    )


def pay_all(learner, wallet: Wallet) -> list[object]:
    """The learner pays for course after course until the wallet is empty."""
    outcomes: list[object] = []
    for course in COURSES:
        try:
            redemption = checkout_operations.redeem(
                learner=learner,
                item_key=course,
                method="wallet",
                reference={"wallet": str(wallet.pk)},
                idempotency_key=uuid4().hex,
                now=timezone.now(),
            )
        except InsufficientTokens:
            outcomes.append(None)
        else:
            outcomes.append(redemption.pk)
    return outcomes


def run(account: Account) -> tuple[Wallet, list[object]]:
    wallet = Wallet.objects.get(account=account)
    learners = [member.user for member in account.members.select_related("user")]
    outcome = race([partial(pay_all, learner, wallet) for learner in learners])
    assert not outcome.errors
    return wallet, [paid for paids in outcome.results for paid in paids]


def assert_ledger_adds_up() -> None:
    sums = TokenIssue.objects.annotate(total=Sum("entries__amount"))
    assert not sums.exclude(remaining=F("total")).exists()


def test_32_connections_empty_a_wallet_of_100_tokens_exactly(account: Account) -> None:
    gold = factories.TokenType.objects.get()
    factories.issue_tokens(account, gold, 100)
    _, outcomes = run(account)
    assert len([paid for paid in outcomes if paid is not None]) == 100
    assert TokenIssue.objects.get().remaining == 0
    assert Redemption.objects.filter(live=True).count() == 100
    assert_ledger_adds_up()


def test_the_same_over_many_small_issues(account: Account) -> None:
    gold = factories.TokenType.objects.get()
    for number in range(34):
        ends = timezone.now() + timedelta(days=1 + number)
        factories.issue_tokens(account, gold, 3, expires_at=ends)
    _, outcomes = run(account)
    assert len([paid for paid in outcomes if paid is not None]) == 102
    assert TokenIssue.objects.aggregate(left=Sum("remaining"))["left"] == 0
    assert_ledger_adds_up()


def test_two_sweeps_at_once_record_each_expiry_once(account: Account) -> None:
    gold = factories.TokenType.objects.get()
    now = timezone.now()
    for _ in range(40):
        factories.issue_tokens(account, gold, 3, now=now, expires_at=now + timedelta(days=1))

    sweep = partial(expire_all_issues, now=now + timedelta(days=1), limit=7)
    outcome = race([sweep, sweep, sweep])
    assert not outcome.errors
    assert sum(done.issues for done in outcome.results) == 40
    assert LedgerEntry.objects.filter(kind="expiry").count() == 40
    assert_ledger_adds_up()
