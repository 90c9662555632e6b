"""Low balances: told once in each episode, whatever changed the balance and whoever looks."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from unittest import mock

import ddt
import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import TestCase, override_settings
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.notifications.base import list_addresses, read, transport
from token_payments.errors import AddressesRefused, MailOutcomeUnknown
from token_payments.models import AccountRole, TokenIssue, Wallet
from token_payments.notifications import mails
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets import queries as wallet_queries

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
MANAGER = "manager@example.com"
DOWN = ConnectionRefusedError("refused")


class LowBalanceCase(TestCase):
    """20 Gold, of which those are told below 10 whom ``addresses`` names, or the manager."""

    addresses: tuple[str, ...] = ()

    def setUp(self) -> None:
        self.manager = factories.make_user("manager", name="Maya Manager")
        self.account = factories.make_account(
            managers=[self.manager], members=[factories.make_user("member")]
        )
        self.gold = factories.make_type()
        self.issue = factories.issue_tokens(
            self.account, self.gold, 20, now=NOW - DAY, expires_at=NOW + 100 * DAY
        )
        self.wallet = self.issue.wallet
        self.set(10)

    def set(self, threshold: int | None, *addresses: str, now: datetime = NOW) -> None:
        wallet_operations.set_low_balance(
            self.wallet.pk,
            threshold=threshold,
            addresses=addresses or self.addresses,
            actor=self.manager,
            now=now,
        )

    def change(self, amount: int) -> None:
        wallet_operations.adjust_issue(
            self.issue.pk,
            amount,
            actor=None,
            reason="",
            idempotency_key=uuid.uuid4().hex,
            now=NOW,
        )

    def sweep(self, now: datetime = NOW) -> list[str]:
        """Whom a sweep mails."""
        mail.outbox.clear()
        for wallet_ids in wallet_queries.iterate_watched():
            mails.tell_low_balances(wallet_ids, now=now)
        return list_addresses()

    def low_since(self) -> datetime | None:
        return Wallet.objects.get(pk=self.wallet.pk).low_since


@ddt.ddt
class EpisodesTest(LowBalanceCase):
    def test_managers_are_told_once_until_there_are_enough_again(self) -> None:
        assert self.sweep() == []
        self.change(-11)
        assert self.sweep() == [MANAGER]
        assert self.low_since() == NOW
        self.change(-3)
        assert self.sweep(NOW + DAY) == []
        self.change(+4)  # 10: at the threshold there are enough
        assert self.sweep(NOW + 2 * DAY) == []
        assert self.low_since() is None
        self.change(-1)
        assert self.sweep(NOW + 3 * DAY) == [MANAGER]

    def test_the_mail_says_how_many_are_left_and_where_to_get_more(self) -> None:
        self.change(-11)
        self.sweep()
        assert mail.outbox[0].subject == "Acme has 9 Gold left"
        for text in read(mail.outbox[0]):
            assert "Maya Manager" in text
            assert "fewer than 10" in text
            assert "/tokens/orders/request/" in text
            assert f"/tokens/{self.account.pk}/{self.gold.pk}/" in text

    def test_expiry_makes_a_wallet_low_before_it_is_recorded(self) -> None:
        assert self.sweep(NOW + 100 * DAY) == [MANAGER]

    def test_other_addresses_are_told_in_the_managers_place(self) -> None:
        self.set(10, "office@example.com", "boss@example.com")
        self.change(-11)
        assert self.sweep() == ["office@example.com", "boss@example.com"]
        assert mail.outbox[0].body.startswith("Hello,")

    def test_who_sets_it_above_what_is_there_begins_an_episode(self) -> None:
        self.set(30)
        assert self.low_since() == NOW
        assert self.sweep() == [MANAGER]
        self.set(None)
        assert self.low_since() is None

    def test_of_a_frozen_account_is_told_when_it_isnt_any_more(self) -> None:
        self.change(-11)
        wallet_operations.freeze_account(self.account.pk, actor=None)
        assert self.sweep() == []
        wallet_operations.unfreeze_account(self.account.pk, actor=None)
        assert self.sweep(NOW + DAY) == [MANAGER]

    def test_without_anybody_to_tell_the_first_one_who_comes_is_told(self) -> None:
        self.manager.is_active = False
        self.manager.save()
        self.change(-11)
        assert self.sweep() == []
        second = factories.make_user("second")
        wallet_operations.set_member(self.account, second, AccountRole.MANAGER, actor=None)
        assert self.sweep() == ["second@example.com"]
        third = factories.make_user("third")
        wallet_operations.set_member(self.account, third, AccountRole.MANAGER, actor=None)
        assert self.sweep() == []

    def test_a_mail_that_could_not_be_sent_is_by_the_next_sweep(self) -> None:
        second = factories.make_user("second")
        wallet_operations.set_member(self.account, second, AccountRole.MANAGER, actor=None)
        self.change(-11)
        with transport(lambda address: DOWN if address == MANAGER else None):
            assert self.sweep() == ["second@example.com"]
        assert self.sweep() == [MANAGER]
        assert self.sweep() == []

    def test_a_mail_that_may_have_left_isnt_sent_again(self) -> None:
        self.change(-11)
        with transport(lambda address: MailOutcomeUnknown()):
            self.sweep()
        assert self.sweep() == []

    def test_two_that_look_at_once_tell_once(self) -> None:
        self.change(-11)

        def look(address: str) -> None:
            mails.tell_low_balances([self.wallet.pk], now=NOW)

        with transport(look):
            assert self.sweep() == [MANAGER]

    @ddt.data(0, -1, 10_000_001)
    def test_no_number_of_tokens_is_refused(self, threshold: int) -> None:
        with pytest.raises(ValueError, match="no number"):
            self.set(threshold)

    @ddt.data(
        (["nobody"], "no_address"),
        ([f"a{number}@example.com" for number in range(11)], "too_many"),
        ([f"{'a' * 50}{number}@{'b' * 60}.com" for number in range(9)], "too_long"),
    )
    @ddt.unpack
    def test_addresses_that_cant_be_told_are_refused(self, given: Any, reason: str) -> None:
        with pytest.raises(AddressesRefused) as caught:
            self.set(5, *given)
        assert caught.value.reason == reason

    def test_pasted_addresses_are_read_each_once(self) -> None:
        text = "a@example.com; B@example.com,A@EXAMPLE.com\r\n\n c@example.com"
        assert wallet_queries.split_addresses(text) == [
            "a@example.com",
            "B@example.com",
            "c@example.com",
        ]


class CommandTest(LowBalanceCase):
    def say(self) -> str:
        output = StringIO()
        call_command("token_payments_low_balances", stdout=output)
        return output.getvalue().strip()

    def test_it_says_what_it_did(self) -> None:
        TokenIssue.objects.filter(pk=self.issue.pk).update(expires_at=NOW - DAY / 2)
        with transport(lambda address: DOWN):
            assert self.say() == "Low: 1, told: 0, to be told again: 1."
        assert self.say() == "Low: 1, told: 1, to be told again: 0."
        assert self.say() == "Low: 1, told: 0, to be told again: 0."

    def test_a_server_that_is_down_is_not_asked_for_every_wallet(self) -> None:
        for number in range(6):
            kind = factories.make_type(f"Type {number}")
            issue = factories.issue_tokens(self.account, kind, 1, now=NOW - DAY)
            wallet_operations.set_low_balance(issue.wallet_id, threshold=5, actor=None, now=NOW)
        asked: list[str] = []

        def refuse(address: str) -> Exception:
            asked.append(address)
            return DOWN

        with transport(refuse), mock.patch("token_payments.wallets.low_balance.PAGE", 4):
            assert "told: 0, to be told again: 3." in self.say()
        assert len(asked) == 3
        assert "Low: 7, told: 7, to be told again: 0." in self.say()

    @override_settings(TOKEN_PAYMENTS_ENABLED=False)
    def test_nobody_is_told_while_the_plugin_is_off(self) -> None:
        assert self.say() == "Token payments are switched off: nobody was told."


class CostTest(LowBalanceCase):
    def count(self) -> int:
        with CaptureQueriesContext(connection) as queries:
            self.sweep()
        return len(queries)

    def test_a_sweep_takes_as_many_queries_for_one_wallet_as_for_thirty(self) -> None:
        few = self.count()
        for number in range(30):
            account = factories.make_account(f"Account {number}")
            factories.issue_tokens(account, self.gold, 20)
            Wallet.objects.filter(account=account).update(low_balance=5)
        assert self.count() == few == 4

    def test_low_wallets_that_were_told_of_cost_two_more_for_all_of_them(self) -> None:
        for number in range(30):
            account = factories.make_account(f"Account {number}", managers=[self.manager])
            issue = factories.issue_tokens(account, self.gold, 2)
            Wallet.objects.filter(pk=issue.wallet_id).update(low_balance=5)
        self.sweep(datetime(2099, 1, 1, tzinfo=UTC))
        assert len(self.sweep(datetime(2099, 1, 1, tzinfo=UTC))) == 0
        with CaptureQueriesContext(connection) as queries:
            self.sweep(datetime(2099, 1, 1, tzinfo=UTC))
        assert len(queries) == 7
