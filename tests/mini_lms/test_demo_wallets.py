"""The demo's accounts: tokens in every state, made once, and room for the story that it tells."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from lms.djangoapps.demo import data
from lms.djangoapps.demo.management.commands.seed_demo import PARTS
from tests import factories
from token_payments.catalogue import operations as catalogue_operations
from token_payments.l10n.dates import end_of_day, last_day
from token_payments.models import (
    Account,
    CatalogueItem,
    EntryKind,
    LedgerEntry,
    Redemption,
    TokenIssue,
    TokenOrder,
    TokenType,
    Wallet,
)
from token_payments.orders import queries as order_queries
from token_payments.presenters.forecasts import describe_forecast
from token_payments.wallets import queries as wallet_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def printed(capsys: Any) -> str:
    call_command("seed_host")
    call_command("seed_demo")
    return str(capsys.readouterr().out)


@pytest.fixture
def gold(printed: str) -> Wallet:
    return Wallet.objects.get(account__name=data.HOMES, token_type__name=data.GOLD)


def count_rows() -> list[int]:
    models = (Account, TokenType, TokenIssue, LedgerEntry, TokenOrder, Redemption, CatalogueItem)
    return [model.objects.count() for model in models]


def test_seeding_again_changes_nothing(printed: str) -> None:
    first = count_rows()
    call_command("seed_host")
    call_command("seed_demo")

    assert count_rows() == first
    assert TokenType.objects.get(name=data.BRONZE).is_archived


def test_every_state_of_an_issue_is_there(gold: Wallet) -> None:
    now = timezone.now()
    balance = wallet_queries.get_balance(gold, now)
    soon = TokenIssue.objects.filter(expires_at__gt=now, remaining__gt=0)

    assert (balance.available, balance.expiring_soon) == (56, 16)
    assert (balance.expired, balance.spent) == (10, 5)
    assert soon.filter(expires_at__lte=now + timedelta(days=7)).exists()
    assert soon.filter(expires_at__isnull=True).count() == 0
    assert TokenIssue.objects.filter(expires_at__isnull=True).exists()
    assert TokenIssue.objects.filter(remaining=0, expires_at__gt=now).exists()
    kinds = set(LedgerEntry.objects.values_list("kind", flat=True))
    missing = {EntryKind.REVERSAL, EntryKind.ADJUSTMENT_DOWN, EntryKind.USE_IN_TURN}
    assert kinds == set(EntryKind.values) - missing


def test_each_statement_is_in_the_order_of_time(printed: str) -> None:
    for wallet in Wallet.objects.all():
        entries = LedgerEntry.objects.filter(issue__wallet=wallet).order_by("id")
        times = list(entries.values_list("created_at", flat=True))
        assert times == sorted(times)


def test_what_remains_of_each_issue_is_what_its_entries_add_up_to(printed: str) -> None:
    for issue in TokenIssue.objects.all():
        amounts = issue.entries.values_list("amount", flat=True)
        assert sum(amounts) == issue.remaining


def test_an_order_is_requested_one_processed_and_one_cancelled_in_part(printed: str) -> None:
    orders = TokenOrder.objects.filter(kind="wallet")
    counts = order_queries.count_orders(orders, now=timezone.now())

    assert [order.status for order in orders] == ["requested", "processed", "processed"]
    assert [counts[order.pk].cancelled for order in orders] == [0, 0, 4]


def test_the_story_that_is_printed_comes_true(printed: str) -> None:
    """Five that expire next week and two of those that expire next month; eight are left."""
    assert f"{data.CHARITY}, Issue tokens: 10 Gold" in printed
    now, operator = timezone.now(), factories.find_user(data.OPERATOR)
    learner = factories.find_user(data.LEARNER3)
    charity = Account.objects.get(name=data.CHARITY)
    gold = TokenType.objects.get(name=data.GOLD)
    assert not Wallet.objects.filter(account=charity, token_type=gold).exists()
    for quantity, days in ((10, 30), (5, 7)):
        ends = end_of_day(last_day(now + timedelta(days=days)))
        factories.issue_tokens(charity, gold, quantity, actor=operator, expires_at=ends)
    item = CatalogueItem.objects.get(item_key=str(data.UNPRICED_KEY))
    catalogue_operations.save_item(item, methods=["token_code", "wallet"], token_prices={gold: 7})

    wallet = factories.find_wallet(charity, gold)
    redemption = factories.pay(learner, item, wallet)

    assert sorted(redemption.entries.values_list("amount", flat=True)) == [-5, -2]
    assert wallet_queries.get_balance(wallet, timezone.now()).available == 8


@pytest.mark.parametrize("username", PARTS)
def test_everybody_who_is_named_can_sign_in(printed: str, username: str, client: Any) -> None:
    assert f"  {username} " in printed
    assert client.login(username=username, password=data.PASSWORD)


def test_somebody_chooses_between_accounts_and_somebody_has_none(printed: str) -> None:
    names = {
        username: sorted(
            account.name for account in wallet_queries.list_accounts(factories.find_user(username))
        )
        for username in (data.LEARNER1, data.LEARNER2, data.STRANGER)
    }

    assert names == {
        data.LEARNER1: [data.HOMES],
        data.LEARNER2: [data.CHARITY, data.HOMES],
        data.STRANGER: [],
    }


def test_the_scheduled_work_has_somebody_to_remind_and_to_tell(printed: str) -> None:
    assert "make demo-scheduled" in printed
    call_command("token_payments_low_balances")
    call_command("token_payments_remind")
    told = {message.to[0]: message.subject for message in mail.outbox}

    manager = factories.find_user(data.MANAGER).email
    learner = factories.find_user(data.LEARNER3).email
    assert told == {
        manager: "Tokens end in 6 days",
        learner: f"{data.CHARITY} has 18 Silver left",
    }


def test_a_payment_with_gold_makes_it_few(gold: Wallet) -> None:
    available = wallet_queries.get_balance(gold, timezone.now()).available
    assert gold.low_balance is not None
    assert 0 <= available - gold.low_balance < 3


def test_the_forecast_says_what_will_expire_unused(gold: Wallet) -> None:
    forecast = wallet_queries.list_forecasts([gold.pk], timezone.now())[gold.pk]
    assert forecast.lost > 0
    assert "will expire unused" in describe_forecast(forecast, gold.token_type)
