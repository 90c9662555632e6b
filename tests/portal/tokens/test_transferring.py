"""Managers transfer tokens between accounts that they manage, where the site allows it."""

from __future__ import annotations

import re
from typing import Any

import ddt
from django.urls import resolve

from tests import factories
from tests.concurrency import assert_healthy
from tests.portal.tokens.base import TokensCase
from token_payments.models import TokenIssue, TokenSettings, TokenTransfer
from token_payments.presenters.once import make_key
from token_payments.wallets import operations as wallet_operations


@ddt.ddt
class TransferringTest(TokensCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        TokenSettings.objects.create(transfers_allowed=True)
        cls.beta = factories.make_account("Beta", managers=[cls.manager], members=[cls.bob])
        cls.other = factories.make_account("Gamma", managers=[cls.stranger])

    def url(self, name: str, **other: Any) -> str:
        if name == "transfer_tokens":
            other = {"type_id": self.gold.pk, **other}
        return super().url(name, **other)

    def send(self, user: Any = None, **fields: Any) -> Any:
        filled = {"account": self.beta.pk, "quantity": 5, "issue": "", "reason": "New site"}
        fields = {"idempotency_key": make_key(), **filled, **fields}
        return self.post(user or self.manager, "transfer_tokens", fields)

    def text(self, answer: Any) -> str:
        self.assertEqual(answer.status_code, 200)
        return re.sub(r"\s+", " ", answer.content.decode())

    def remaining(self) -> list[int]:
        return list(TokenIssue.objects.order_by("pk").values_list("remaining", flat=True))

    def test_the_way_there_is_shown_to_managers_of_two_accounts(self) -> None:
        url = self.url("transfer_tokens")
        for name in ("tokens", "statement"):
            address = "/token-payments/tokens/" if name == "tokens" else self.url(name)
            for user, shown in ((self.manager, True), (self.ann, False), (self.bob, False)):
                self.client.force_login(user)
                self.assertEqual(url in self.client.get(address).content.decode(), shown)

    def test_no_way_leads_to_what_would_be_refused(self) -> None:
        wallet_operations.archive_type(self.gold.pk, actor=self.manager)
        self.client.force_login(self.manager)
        for address in ("/token-payments/tokens/", self.url("statement")):
            page = self.client.get(address)
            self.assertContains(page, "Gold")
            self.assertNotContains(page, self.url("transfer_tokens"))

    def test_it_shows_what_goes_and_moves_nothing(self) -> None:
        text = self.text(self.send())
        for part in ("5 Gold from Acme to Beta", "New site", "Nothing has been moved yet."):
            self.assertIn(part, text)
        self.assertIn('data-label="Afterwards">15</td>', text)
        self.assertIn('data-label="Afterwards">5</td>', text)
        self.assertEqual(self.remaining(), [20])

    def test_confirmed_it_is_done_once_and_told(self) -> None:
        key = make_key()
        for _ in range(2):
            answer = self.send(confirm="1", idempotency_key=key)
            self.assertEqual(answer.status_code, 302)
            self.assertIn("5 Gold went to Beta.", self.text(self.client.get(answer["Location"])))
        self.assertNotIn("went to Beta", self.text(self.client.get(answer["Location"])))
        self.assertEqual(self.remaining(), [15, 5])
        self.assertEqual(TokenTransfer.objects.get().actor, self.manager)
        assert_healthy()

    def test_a_member_of_one_account_learns_the_other_ones_name_and_no_more(self) -> None:
        self.send(confirm="1")
        rows = self.get(self.ann, "statement").context["rows"]
        self.assertEqual((rows[0].what, rows[0].tokens), ("Transferred to Beta", "−5"))
        self.assertEqual((rows[0].actor, rows[0].reason), ("", ""))
        there = {"account_id": self.beta.pk}
        answer = self.get(self.bob, "statement", **there)
        rows = answer.context["rows"]
        self.assertEqual((rows[0].what, rows[0].tokens), ("Transferred from Acme", "+5"))
        self.assertNotContains(answer, "SO-77")
        self.assertEqual(self.get(self.ann, "statement", **there).status_code, 404)
        rows = self.get(self.manager, "statement", **there).context["rows"]
        self.assertEqual((rows[0].actor, rows[0].reason), ("Mary Manager", "New site"))
        self.assertNotContains(self.get(self.manager, "statement", **there), "SO-77")
        file = b"".join(self.get(self.bob, "statement_csv", **there).streaming_content).decode()
        self.assertIn("Transferred from Acme", file)
        self.assertNotIn("New site", file)

    @ddt.data(
        ({"quantity": 21}, "Only 20 can be transferred now. Nothing was moved."),
        ({"quantity": ""}, "Enter how many tokens."),
        ({"quantity": "many"}, "Enter a whole number."),
        ({"quantity": 0}, "Enter 1 or more."),
        ({"account": ""}, "Choose the account that gets the tokens."),
        ({"reason": ""}, "Say why, for the statements."),
        ({"issue": 999_999}, "These tokens aren&#x27;t there any more."),
        ({"idempotency_key": ""}, "This form is incomplete."),
    )
    @ddt.unpack
    def test_what_is_wrong_is_told_at_its_field(self, fields: Any, text: str) -> None:
        for confirm in ({}, {"confirm": "1"}):
            self.assertIn(text, self.text(self.send(**fields, **confirm)))
        self.assertEqual(self.remaining(), [20])

    def test_accounts_of_others_cant_be_chosen(self) -> None:
        for account in (self.other, self.account):
            text = self.text(self.send(account=account.pk, confirm="1"))
            self.assertIn("Select a valid choice", text)
            self.assertNotIn("Gamma", text)
        self.assertEqual(self.remaining(), [20])

    def test_a_frozen_account_is_named(self) -> None:
        wallet_operations.freeze_account(self.beta.pk, actor=self.manager)
        self.assertIn("“Beta” is frozen", self.text(self.send(confirm="1")))
        self.assertEqual(self.remaining(), [20])

    def test_nobody_else_gets_there(self) -> None:
        for user in (self.ann, self.bob, self.stranger):
            self.assertEqual(self.send(user, confirm="1").status_code, 404)
            self.assertEqual(self.get(user, "transfer_tokens").status_code, 404)
        self.assertEqual(self.remaining(), [20])

    def test_where_the_site_doesnt_allow_it_nobody_does(self) -> None:
        TokenSettings.objects.create(transfers_allowed=False)
        self.assertEqual(self.get(self.manager, "transfer_tokens").status_code, 404)
        self.assertEqual(self.send(confirm="1").status_code, 404)
        self.assertNotContains(self.get(self.manager, "statement"), self.url("transfer_tokens"))
        self.assertEqual(self.remaining(), [20])

    def test_a_manager_of_one_account_is_told_so(self) -> None:
        wallet_operations.set_member(self.account, self.ann, "manager", actor=self.manager)
        self.assertContains(self.get(self.ann, "transfer_tokens"), "You manage no other account.")

    def test_change_leads_back_to_the_filled_form(self) -> None:
        text = self.text(self.send(edit="1"))
        self.assertIn('value="New site"', text)
        self.assertNotIn("tp-error", text)

    def test_of_one_issue_alone(self) -> None:
        later = self.issue(8, days=300)
        self.send(issue=later.pk, confirm="1")
        self.assertEqual(self.remaining(), [20, 3, 5])

    def test_the_note_of_what_was_done_is_for_whoever_did_it(self) -> None:
        self.client.get(self.send(confirm="1")["Location"])
        done = TokenTransfer.objects.get()
        there = factories.find_wallet(self.beta, self.gold)
        for url in (
            f"{self.url('transfer_tokens')}?done={done.pk + 1}",
            f"{self.url('transfer_tokens')}?done=x",
            f"{self.url('transfer_tokens', account_id=there.account_id)}?done={done.pk}",
        ):
            self.assertNotContains(self.client.get(url), "went to")

    def test_it_is_a_transaction_of_its_own_so_that_it_can_be_run_again(self) -> None:
        self.assertTrue(resolve(self.url("transfer_tokens")).func._non_atomic_requests)


class UsedLastTest(TokensCase):
    def test_balances_and_the_statement_say_what_is_kept_for_last(self) -> None:
        kept = self.issue(4, days=3)
        how = {"actor": self.manager, "reason": "Reserve", "now": self.now}
        wallet_operations.set_use_last(kept.pk, True, idempotency_key="k", **how)
        self.client.force_login(self.ann)
        self.assertContains(self.client.get("/token-payments/tokens/"), "4 of them are used last")
        answer = self.get(self.ann, "statement")
        self.assertEqual(answer.context["issues"][-1], kept)
        self.assertContains(answer, "Used last")
        self.assertContains(answer, "Tokens marked “used last” come after all others")
        self.assertEqual(answer.context["rows"][0].what, "Marked “use last”")
        self.assertNotContains(answer, "Reserve")
