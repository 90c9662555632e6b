"""What buyers and course admins do with an order after it is processed: as on the pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import TestCase
from django.utils import timezone

from tests import factories
from tests.rest_api.base import ApiClient, permit
from token_payments.assignments import operations as assignment_operations
from token_payments.models import CodeAssignment, CodeStatus, MailState, TokenIssue

COURSE = "course-v1:Api+HANDING+2026"


class HandingOutCase(TestCase):
    def setUp(self) -> None:
        self.item = factories.make_shop(COURSE)
        self.buyer = ApiClient(factories.make_user("buyer"))
        user = factories.make_user("admin")
        self.admin = ApiClient(permit(user, "view_tokenorder", "change_tokenorder"))
        buyer = type(user).objects.get(username="buyer")
        self.order = factories.make_processed_order(self.item, buyer=buyer, quantity=6)
        self.path = f"/orders/{self.order.pk}"

    def post(self, client: ApiClient, path: str, body: Any = None, *, status: int = 200) -> Any:
        answer = client.post(f"{self.path}{path}", body)
        self.assertEqual(answer.status_code, status, answer.content)
        return answer.json()

    def list_cancelled(self) -> list[int]:
        rows = self.order.codes.filter(status=CodeStatus.CANCELLED)
        return list(rows.order_by("serial").values_list("serial", flat=True))


class CancellationRequestTest(HandingOutCase):
    def ask(self, **more: Any) -> Any:
        body = {"quantity": 2, "serials": "5, 2", "reason": "left", **more}
        return self.post(self.buyer, "/cancellation-requests/", body, status=201)

    def test_what_is_asked_for_is_cancelled_when_it_is_granted(self) -> None:
        wish = self.ask()
        self.assertEqual((wish["serials"], wish["answered_at"]), ("2, 5", None))
        self.assertEqual(self.list_cancelled(), [])
        granted = self.post(
            self.admin, f"/cancellation-requests/{wish['id']}/grant/", {"refund_amount": "100.00"}
        )
        self.assertEqual(granted["cancellation"]["refund_amount"], "100.00")
        self.assertEqual(self.list_cancelled(), [2, 5])
        self.assertEqual(self.buyer.get(f"{self.path}/").json()["counts"]["cancelled"], 2)

    def test_it_is_declined_with_an_answer_or_withdrawn(self) -> None:
        wish = self.ask()
        declined = self.post(
            self.admin, f"/cancellation-requests/{wish['id']}/decline/", {"answer": "Too late"}
        )
        self.assertEqual((declined["answer"], declined["cancellation"]), ("Too late", None))
        second = self.ask()
        self.post(self.buyer, f"/cancellation-requests/{second['id']}/withdraw/")
        rows = self.buyer.get(f"{self.path}/cancellation-requests/").json()["results"]
        self.assertEqual([row["id"] for row in rows], [second["id"], wish["id"]])
        rows = self.buyer.get(f"{self.path}/cancellation-requests/", is_open="true").json()
        self.assertEqual(rows["results"], [])
        self.assertEqual(self.list_cancelled(), [])

    def test_a_second_one_waits_until_the_first_is_answered(self) -> None:
        self.ask()
        body = {"quantity": 1, "reason": "more"}
        answer = self.post(self.buyer, "/cancellation-requests/", body, status=409)
        self.assertEqual(answer["code"], "invalid_transition")

    def test_the_same_key_asks_once(self) -> None:
        body = {"quantity": 2, "reason": "left"}
        path = f"{self.path}/cancellation-requests/"
        first, again = (self.buyer.post(path, body, key="k") for _ in range(2))
        self.assertEqual(first.json(), again.json())
        self.assertEqual(self.order.cancellation_requests.count(), 1)

    def test_chosen_codes_are_as_many_as_the_quantity(self) -> None:
        for body, field in (
            ({"quantity": 3, "serials": "1-2"}, "quantity"),
            ({"quantity": 1, "serials": "two"}, "serials"),
        ):
            answer = self.post(
                self.buyer, "/cancellation-requests/", {**body, "reason": "x"}, status=400
            )
            self.assertIn(field, answer["errors"])

    def test_course_admins_cancel_chosen_codes_at_once(self) -> None:
        body = {"quantity": 2, "serials": "1, 3"}
        self.post(self.admin, "/cancel-tokens/", body, status=201)
        self.assertEqual(self.list_cancelled(), [1, 3])


class WithdrawTest(HandingOutCase):
    def test_an_order_that_nobody_began_to_process_is_taken_back(self) -> None:
        order = factories.make_order(self.item, buyer=self.order.buyer)
        answer = self.buyer.post(f"/orders/{order.pk}/withdraw/")
        self.assertEqual((answer.status_code, answer.json()["status"]), (200, "cancelled"))
        self.post(self.buyer, "/withdraw/", status=409)


class RemindTest(HandingOutCase):
    def setUp(self) -> None:
        super().setUp()
        assignment_operations.assign_codes(
            self.order.pk,
            [
                assignment_operations.Recipient("ann@example.com"),
                assignment_operations.Recipient("bob@example.com"),
            ],
            actor=self.order.buyer,
            idempotency_key="1",
            now=timezone.now(),
        )
        self.rows = CodeAssignment.objects.filter(batch__order=self.order)
        yesterday = timezone.now() - timedelta(days=2)
        self.rows.update(mail_state=MailState.SENT, mailed_at=yesterday)
        self.ann = self.rows.get(email="ann@example.com")

    def list_reminded(self) -> list[str]:
        return list(self.rows.filter(reminders=1).order_by("email").values_list("email", flat=True))

    def test_one_learner_or_all_are_reminded_once_a_day(self) -> None:
        one = f"/assignments/{self.ann.pk}/remind/"
        self.assertEqual(self.post(self.buyer, one), {"reminded": 1})
        self.assertEqual(self.list_reminded(), ["ann@example.com"])
        self.assertEqual(self.post(self.buyer, one), {"reminded": 0})
        self.assertEqual(self.post(self.buyer, "/assignments/remind/"), {"reminded": 1})
        self.assertEqual(self.list_reminded(), ["ann@example.com", "bob@example.com"])

    def test_a_mail_that_failed_is_sent_again(self) -> None:
        self.rows.filter(pk=self.ann.pk).update(mail_state=MailState.FAILED)
        again = self.post(self.buyer, f"/assignments/{self.ann.pk}/send-again/")
        self.assertEqual(again["mail_state"], MailState.WAITING)


class UseLastTest(TestCase):
    def test_an_issue_is_kept_for_last_and_spent_in_its_turn_again(self) -> None:
        gold, account = factories.make_type(), factories.make_account()
        issue = factories.issue_tokens(account, gold, 5)
        user = permit(factories.make_user("keeper"), "change_tokenissue", "view_account")
        client, wallet = ApiClient(user), factories.find_wallet(account, gold)
        for is_last, kept in ((True, 5), (False, 0)):
            body = {"use_last": is_last, "reason": "for the autumn"}
            answer = client.post(f"/issues/{issue.pk}/use-last/", body)
            self.assertEqual(answer.json()["use_last"], is_last, answer.content)
            self.assertEqual(TokenIssue.objects.get(pk=issue.pk).use_last, is_last)
            self.assertEqual(client.get(f"/wallets/{wallet.pk}/").json()["kept_for_last"], kept)
