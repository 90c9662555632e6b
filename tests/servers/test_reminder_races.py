"""Workers that remind at once, with real connections: nobody is told twice."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import timedelta
from functools import partial
from itertools import count
from unittest.mock import patch

import pytest
from django.utils import timezone

from tests import factories
from tests.concurrency import race
from token_payments.hosts import host
from token_payments.l10n.dates import end_of_day, local_day
from token_payments.models import Wallet
from token_payments.notifications import mails
from token_payments.outbox.models import Notice

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

WORKERS = 6
MANAGERS = 20
AHEAD = 7


def issue_to_managers() -> None:
    gold, now = factories.make_type(), timezone.now()
    ends = end_of_day(local_day(now) + timedelta(days=AHEAD))
    for number in range(MANAGERS):
        person = factories.make_user(f"manager{number}")
        account = factories.make_account(f"Account {number}", managers=[person])
        for _ in range(3):
            factories.issue_tokens(account, gold, 5, now=now - timedelta(days=50), expires_at=ends)


def test_of_many_workers_one_reminds_each_manager() -> None:
    issue_to_managers()
    sent: list[str] = []
    with patch.object(host, "send_to", lambda address, mail: sent.append(address)):
        outcome = race([lambda: mails.send_reminders(clock=timezone.now)] * WORKERS)
    assert not outcome.errors
    assert set(Counter(sent).values()) == {1}
    assert len(sent) == MANAGERS == sum(run.sent for run in outcome.results)
    assert not Notice.objects.filter(sent_at=None).exists()


def test_workers_on_either_side_of_midnight_tell_of_nothing_twice(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The mail of the day is another one; what it tells of is the same."""
    caplog.set_level(logging.INFO, logger="token_payments.db.transactions")
    issue_to_managers()
    sent: list[str] = []
    days = count()

    def run() -> mails.Reminded:
        offset = timedelta(days=next(days) % 2)
        return mails.send_reminders(clock=lambda: timezone.now() + offset)

    with patch.object(host, "send_to", lambda address, mail: sent.append(address)):
        outcome = race([run] * WORKERS)
    assert not outcome.errors
    assert len(sent) == len(set(sent)) == MANAGERS
    assert "deadlock" not in caplog.text


def test_of_many_workers_one_tells_of_a_low_balance() -> None:
    managers = [factories.make_user(f"manager{number}") for number in range(3)]
    account, gold = factories.make_account(managers=managers), factories.make_type()
    wallet = factories.issue_tokens(account, gold, 5).wallet
    Wallet.objects.update(low_balance=9)
    sent: list[str] = []
    run = partial(mails.tell_low_balances, [wallet.pk], now=timezone.now())
    with patch.object(host, "send_to", lambda address, mail: sent.append(address)):
        outcome = race([run] * WORKERS)
    assert not outcome.errors
    assert sorted(sent) == [manager.email for manager in managers]
