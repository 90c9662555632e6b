"""Members learn as much of each other by the API as on the pages; learners are told as there."""

from __future__ import annotations

from typing import Any

from django.core import mail
from django.test import TransactionTestCase

from tests import factories
from tests.rest_api.base import ApiClient, permit
from token_payments.checkout import operations as checkout_operations

COURSE = "course-v1:Api+NAMES+2026"


class NamesCase(TransactionTestCase):
    """With real commits: mails go out after them."""

    def setUp(self) -> None:
        gold = factories.make_type()
        self.item = factories.make_shop(COURSE, methods=["wallet"], token_prices={gold: 2})
        people = {name: factories.make_user(name) for name in ("amara", "noor", "maya")}
        self.amara, self.noor, self.maya = people.values()
        self.account = factories.make_account(members=[self.amara, self.noor], managers=[self.maya])
        self.issue = factories.issue_tokens(
            self.account, gold, 20, reference="PO 7", reason="after her illness", actor=self.maya
        )
        self.wallet = factories.find_wallet(self.account, gold)


class StatementTest(NamesCase):
    def setUp(self) -> None:
        super().setUp()
        redemptions = [
            factories.pay(one, self.item, self.wallet) for one in (self.amara, self.noor)
        ]
        for redemption in redemptions:
            reason = f"{redemption.learner} is ill"
            checkout_operations.reverse(
                redemption.pk, actor=self.maya, reason=reason, now=redemption.created_at
            )

    def read(self, user: Any) -> list[tuple[Any, ...]]:
        found = ApiClient(user).get(f"/wallets/{self.wallet.pk}/statement/").json()["results"]
        names = ("kind", "learner", "actor", "reason", "reference")
        assert all(bool(row["redemption"]) == bool(row["learner"]) for row in found)
        return [tuple(row[name] for name in names) for row in found]

    def test_a_member_reads_names_and_reasons_of_own_payments_alone(self) -> None:
        self.assertEqual(
            self.read(self.amara),
            [
                ("reversal", None, None, "", ""),
                ("reversal", "amara", "maya", "amara is ill", ""),
                ("debit", None, None, "", ""),
                ("debit", "amara", "amara", "", ""),
                ("issue", None, None, "", ""),
            ],
        )

    def test_managers_and_those_who_see_the_ledger_read_all(self) -> None:
        reader = permit(factories.make_user("reader"), "view_ledgerentry")
        whole = [
            ("reversal", "noor", "maya", "noor is ill", "PO 7"),
            ("reversal", "amara", "maya", "amara is ill", "PO 7"),
            ("debit", "noor", "noor", "", "PO 7"),
            ("debit", "amara", "amara", "", "PO 7"),
            ("issue", None, "maya", "after her illness", "PO 7"),
        ]
        self.assertEqual(self.read(self.maya), whole)
        self.assertEqual(self.read(reader), whole)


class ReceiptTest(NamesCase):
    def list_readers(self) -> list[str]:
        return sorted(address for message in mail.outbox for address in message.to)

    def test_who_pays_is_told_once_however_often_it_is_sent(self) -> None:
        body = {"item_key": COURSE, "wallet": self.wallet.pk}
        for _ in range(2):
            answer = ApiClient(self.amara).post("/redemptions/", body, key="once")
            self.assertEqual(answer.status_code, 201)
        self.assertEqual(self.list_readers(), [self.amara.email])

    def test_members_who_are_paid_for_are_told(self) -> None:
        body = {
            "item_key": COURSE,
            "wallet": self.wallet.pk,
            "tokens": 2,
            "members": ["amara", "noor"],
        }
        answer = ApiClient(self.maya).post("/redemptions/members/", body)
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(self.list_readers(), sorted([self.amara.email, self.noor.email]))
