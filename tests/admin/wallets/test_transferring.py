"""Staff transfer tokens: what goes where is shown before it goes."""

from __future__ import annotations

import re
from typing import Any

import ddt
from django.test import override_settings
from django.urls import resolve

from tests import factories
from tests.admin.wallets.base import WalletCase, in_days
from tests.concurrency import assert_healthy
from token_payments.models import TokenIssue, TokenTransfer
from token_payments.wallets import operations as wallet_operations

TRANSFER = ("tokenissue", "transfer")


@ddt.ddt
class TransferringTests(WalletCase):
    def setUp(self) -> None:
        super().setUp()
        self.first = self.issue(5, expires_at=in_days(5))
        self.second = self.issue(9, expires_at=in_days(50))
        self.wallet = self.first.wallet
        self.beta = factories.make_account("Beta")
        self.url = self.page(*TRANSFER)

    def fill(self, **fields: Any) -> dict[str, Any]:
        key = self.key(self.url, wallet=self.wallet.pk)
        filled = {"account": "Beta", "quantity": 7, "issue": "", "reason": "New site"}
        return {"wallet": self.wallet.pk, "idempotency_key": key, **filled, **fields}

    def send(self, **fields: Any) -> str:
        answer = self.client.post(self.url, self.fill(**fields), follow=True)
        self.assertEqual(answer.status_code, 200)
        return re.sub(r"\s+", " ", answer.content.decode())

    def remaining(self) -> list[int]:
        return list(TokenIssue.objects.order_by("pk").values_list("remaining", flat=True))

    def test_it_shows_what_goes_where_and_moves_nothing(self) -> None:
        text = self.send()

        for part in (
            "Transfer 7 Gold from Acme to Beta?",
            f"#{self.first.pk}</a>",
            f"#{self.second.pk}</a>",
            "New site",
            'data-label="Balance now">14</td>',
            'data-label="Balance after">7</td>',
        ):
            self.assertIn(part, text)
        self.assertEqual(self.remaining(), [5, 9])
        self.assertFalse(TokenTransfer.objects.exists())

    def test_confirmed_it_is_done_once_and_both_statements_tell(self) -> None:
        form = self.fill(confirm="1")
        for _ in range(2):
            answer = self.client.post(self.url, form, follow=True)
            self.assertContains(answer, "7 Gold went from Acme to Beta.")
        self.assertEqual(self.remaining(), [0, 7, 5, 2])
        self.assertContains(answer, "Transferred to Beta")
        there = factories.find_wallet(self.beta, self.gold)
        self.assertIn("Transferred from Acme", self.read(self.statement(there)))
        lines = b"".join(self.client.get(self.statement(there, csv=True)).streaming_content)
        self.assertIn("Transferred from Acme", lines.decode())
        self.assertIn("Transferred to Beta", self.read(self.page("ledgerentry", "changelist")))
        for issue in (self.first, TokenIssue.objects.last()):
            self.assertIn("Transferred", self.read(self.page("tokenissue", "change", issue.pk)))
        assert_healthy()

    def test_of_one_issue_alone(self) -> None:
        text = self.read(self.url, {"issue": self.second.pk})
        self.assertIn(f'<option value="{self.second.pk}" selected>', text)
        self.send(issue=self.second.pk, confirm="1")
        self.assertEqual(self.remaining(), [5, 2, 7])

    def test_change_leads_back_to_the_filled_form(self) -> None:
        text = self.send(edit="1")
        self.assertIn('value="New site"', text)
        self.assertNotIn("errornote", text)
        self.assertEqual(self.remaining(), [5, 9])

    @ddt.data(
        ({"quantity": 15}, "Only 14 tokens can be transferred now."),
        ({"quantity": 0}, "greater than or equal to 1"),
        ({"account": "Acme"}, "this account&#x27;s already"),
        ({"account": "Gamma"}, "No account has the name or customer number “Gamma”."),
        ({"reason": ""}, "This field is required."),
        ({"issue": 999_999}, "Select a valid choice"),
        ({"idempotency_key": "mine"}, "This form is incomplete."),
    )
    @ddt.unpack
    def test_what_is_wrong_is_told_at_its_field(self, fields: dict[str, Any], text: str) -> None:
        for confirm in ({}, {"confirm": "1"}):
            self.assertIn(text, self.send(**fields, **confirm))
        self.assertEqual(self.remaining(), [5, 9])

    def test_too_many_of_one_issue(self) -> None:
        text = self.send(issue=self.first.pk, quantity=6)
        self.assertIn("Only 5 tokens remain in this issue.", text)

    @ddt.data("acme", "beta")
    def test_a_frozen_account_is_named(self, name: str) -> None:
        account = getattr(self, name)
        wallet_operations.freeze_account(account.pk, actor=self.operator)
        self.assertIn(f"“{account}” is frozen: unfreeze it first.", self.send(confirm="1"))
        self.assertEqual(self.remaining(), [5, 9])

    def test_an_archived_type_and_a_key_of_something_else(self) -> None:
        form = self.fill(confirm="1", quantity=1)
        self.client.post(self.url, form)
        answer = self.client.post(self.url, {**form, "quantity": 2})
        self.assertContains(answer, "This form was saved before, with other content.")
        wallet_operations.archive_type(self.gold.pk, actor=self.operator)
        self.assertIn("The token type is archived", self.send(confirm="1"))

    def test_nothing_is_chosen(self) -> None:
        for query in ({}, {"wallet": "x"}, {"wallet": 999_999}, {"issue": 999_999}):
            text = self.read(self.url, query)
            self.assertIn("Choose the account or the issue to transfer from.", text)

    def test_the_way_there(self) -> None:
        for page in (("account", self.acme.pk), ("tokenissue", self.first.pk)):
            self.assertIn(self.url, self.read(self.page(page[0], "change", page[1])))
        wallet_operations.freeze_account(self.acme.pk, actor=self.operator)
        self.assertNotIn(self.url, self.read(self.page("account", "change", self.acme.pk)))

    def test_it_takes_the_permission_to_change_issues(self) -> None:
        form = self.fill(confirm="1")
        self.sign_in("view_tokenissue", "add_tokenissue", "view_account", "change_account")
        for answer in (self.client.get(self.url), self.client.post(self.url, form)):
            self.assertEqual(answer.status_code, 403)
        self.assertNotIn(self.url, self.read(self.page("tokenissue", "change", self.first.pk)))
        self.assertEqual(self.remaining(), [5, 9])
        self.sign_in("change_tokenissue", "view_tokenissue")
        answer = self.client.post(self.url, form, follow=True)
        self.assertContains(answer, "went from Acme to Beta")
        self.assertEqual(self.remaining(), [0, 7, 5, 2])

    def test_switched_off_nothing_goes(self) -> None:
        form = self.fill(confirm="1")
        with override_settings(TOKEN_PAYMENTS_ENABLED=False):
            answer = self.client.post(self.url, form, follow=True)
        self.assertContains(answer, "Token payments are switched off")
        self.assertEqual(self.remaining(), [5, 9])

    def test_it_is_a_transaction_of_its_own_so_that_it_can_be_run_again(self) -> None:
        self.assertTrue(resolve(self.url).func._non_atomic_requests)


class PriorityTests(WalletCase):
    def setUp(self) -> None:
        super().setUp()
        self.first = self.issue(5, expires_at=in_days(5))

    def url(self, page: str) -> str:
        return self.page("tokenissue", page, self.first.pk)

    def test_an_issue_is_kept_for_last_and_taken_back(self) -> None:
        for page, title, done in (
            ("use_last", "Use last", "is used last"),
            ("use_in_turn", "Use in turn", "is spent in its turn again"),
        ):
            self.assertIn(f">{title}</a>", self.read(self.url("change")))
            form = {"reason": f"Why {title}", "idempotency_key": self.key(self.url(page))}
            self.assertIn("5 Gold", self.read(self.url(page)))
            answer = self.client.post(self.url(page), form, follow=True)
            self.assertContains(answer, done)
            self.assertContains(answer, f"Why {title}")
            self.assertContains(answer, "Olive Operator")
        text = self.read(self.url("change"))
        self.assertIn("Marked “use last”", text)
        self.assertIn("No longer “use last”", text)

    def test_what_is_so_already_is_told(self) -> None:
        self.assertIn("This issue is so already.", self.read(self.url("use_in_turn")))

    def test_a_reason_is_wanted(self) -> None:
        form = {"reason": "", "idempotency_key": self.key(self.url("use_last"))}
        self.assertContains(self.client.post(self.url("use_last"), form), "This field is required")
        self.assertFalse(TokenIssue.objects.get().use_last)

    def test_an_expired_issue_offers_it_no_more(self) -> None:
        expired = self.issue_expired()
        page = self.page("tokenissue", "change", expired.pk)
        self.assertNotIn("Use last", self.read(page))
        url = self.page("tokenissue", "use_last", expired.pk)
        form = {"reason": "x", "idempotency_key": self.key(url)}
        self.assertContains(self.client.post(url, form), "Expired")

    def test_the_list_and_the_account_show_it(self) -> None:
        by = {"actor": self.operator, "reason": "", "now": in_days(0)}
        wallet_operations.set_use_last(self.first.pk, True, idempotency_key="k", **by)
        other = self.issue(3)
        answer = self.client.get(self.page("tokenissue", "changelist"), {"use_last__exact": 1})
        self.assertEqual([row.pk for row in answer.context["cl"].result_list], [self.first.pk])
        self.assertContains(answer, "Last</span>")
        self.assertNotEqual(other.pk, self.first.pk)
        text = self.read(self.page("account", "change", self.acme.pk))
        self.assertIn("<dt>Used last</dt><dd>5</dd>", text)
