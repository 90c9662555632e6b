"""From nothing to a statement, as an integrator would, each request sent twice with one key."""

from __future__ import annotations

from typing import Any

from django.test import TestCase

from tests import factories
from tests.rest_api.base import ApiClient, permit
from token_payments import tasks
from token_payments.models import LedgerEntry, PendingTask, Redemption, StoredAnswer

COURSE = "course-v1:Api+STORY+2026"


class StoryTest(TestCase):
    def setUp(self) -> None:
        factories.allow_paid()
        factories.make_course(COURSE)
        self.learner = factories.make_user("learner")
        program = permit(
            factories.make_user("program"),
            *("add_tokentype", "view_tokentype", "add_account", "view_account", "change_account"),
            *("add_tokenissue", "view_tokenissue", "change_tokenissue", "view_ledgerentry"),
            *("add_catalogueitem", "view_catalogueitem", "add_redemption", "view_redemption"),
            "change_redemption",
        )
        self.api = ApiClient(program)
        self.number = 0

    def do(self, path: str, body: Any = None, *, status: int = 200) -> Any:
        """Post it twice with one key: the second answer is the first one."""
        self.number += 1
        key = f"story-{self.number}"
        first = self.api.post(path, body, key=key)
        self.assertEqual(first.status_code, status, first.content)
        again = self.api.post(path, body, key=key)
        self.assertEqual((again.status_code, again.content), (status, first.content))
        self.assertEqual(again["Idempotent-Replayed"], "true")
        return first.json()

    def test_from_a_type_to_a_statement(self) -> None:
        gold = self.do("/token-types/", {"name": "Gold", "redemption_days": 365}, status=201)
        acme = self.do("/accounts/", {"name": "Acme", "reference": "C-1"}, status=201)
        member = self.do(
            f"/accounts/{acme['id']}/members/", {"user": "learner", "role": "member"}, status=201
        )
        self.assertEqual(member["user_id"], self.learner.pk)
        issue = self.do(
            "/issues/",
            {"account": acme["id"], "token_type": gold["id"], "quantity": 10, "reference": "SO-7"},
            status=201,
        )
        self.do(
            "/catalogue-items/",
            {
                "item_key": COURSE,
                "enrolment_method": "paid",
                "payment_methods": ["wallet"],
                "token_prices": [{"token_type": gold["id"], "quantity": 3}],
            },
            status=201,
        )
        quote = self.api.get("/quotes/", item_key=COURSE, learner="learner").json()
        self.assertEqual(quote["wallets"][0]["tokens"], 3)
        self.assertEqual(quote["wallets"][0]["draws"][0]["issue"], issue["id"])
        self.assertEqual(quote["obstacle"], "")
        paid = self.do(
            "/redemptions/",
            {"item_key": COURSE, "wallet": issue["wallet"], "learner": "learner", "tokens": 3},
            status=201,
        )
        self.assertEqual((paid["state"], paid["actor"]), ("completed", "program"))
        wallet = self.api.get(f"/wallets/{issue['wallet']}/").json()
        self.assertEqual((wallet["available"], wallet["spent"]), (7, 3))
        self.do(f"/redemptions/{paid['id']}/reverse/", {"reason": "ill", "unenrol": True})
        lines = self.api.get(f"/wallets/{issue['wallet']}/statement/").json()["results"]
        self.assertEqual(
            [(line["kind"], line["amount"], line["balance"]) for line in lines],
            [("reversal", 3, 10), ("debit", -3, 7), ("issue", 10, 10)],
        )
        self.assertEqual(LedgerEntry.objects.count(), 3)
        self.assertEqual(Redemption.objects.count(), 1)
        self.assertEqual(StoredAnswer.objects.count(), self.number)
        written_down = PendingTask.objects.order_by("pk").values_list("task", flat=True)
        self.assertEqual(
            list(written_down), [tasks.mails.mail_redemption.name, tasks.mails.mail_reversal.name]
        )
