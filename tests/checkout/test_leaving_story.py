"""Seven Gold of two issues, paid on the pages, and left the next day: by whomever, told once."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import ddt
from django.core import mail
from django.test import TransactionTestCase
from django.urls import reverse
from django.utils import timezone
from freezegun import freeze_time

from common.djangoapps.student.models import CourseEnrollment
from tests import factories
from tests.concurrency import assert_healthy
from token_payments import tasks
from token_payments.models import EntryKind, LedgerEntry, PendingTask, Redemption, TokenIssue

COURSE = "course-v1:Acme+SAFE201+2026"
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
DAY = timedelta(days=1)
API_KEY = {"X-Edx-Api-Key": "test-api-key"}


@ddt.ddt
class LeavingStory(TransactionTestCase):
    """With real commits, and tasks done at once."""

    def setUp(self) -> None:
        self.gold = factories.make_type()
        self.item = factories.make_shop(
            COURSE,
            modes={"verified": 149},
            course={"start": NOW - DAY},
            methods=["wallet"],
            token_prices={self.gold: 7},
        )
        self.amara, self.maya = factories.make_user("amara"), factories.make_user("maya")
        self.staff = factories.make_user("olive", is_staff=True, is_superuser=True)
        account = factories.make_account(members=[self.amara], managers=[self.maya])
        for number, days in ((5, 30), (20, 90)):
            ends = NOW + days * DAY
            factories.issue_tokens(account, self.gold, number, now=NOW - DAY, expires_at=ends)
        self.wallet = factories.find_wallet(account, self.gold)
        with freeze_time(NOW):
            self.pay()
        mail.outbox.clear()  # the receipt

    def pay(self) -> None:
        self.client.force_login(self.amara)
        pages = {"item_key": COURSE}
        choice = {"method": "wallet", "wallet-wallet": str(self.wallet.pk)}
        self.client.post(reverse("token_payments:checkout", kwargs=pages), choice)
        review = self.client.get(reverse("token_payments:review", kwargs=pages))
        nonce = {"idempotency_key": review.context["idempotency_key"]}
        done = self.client.post(reverse("token_payments:finish", kwargs=pages), nonce)
        self.assertEqual(done.status_code, 302)
        self.assertEqual(self.remaining(), [0, 18])
        self.assertTrue(self.is_enrolled())

    def remaining(self) -> list[int]:
        return list(TokenIssue.objects.order_by("id").values_list("remaining", flat=True))

    def is_enrolled(self) -> bool:
        return CourseEnrollment.is_enrolled(self.amara, factories.key(COURSE))

    # --- who ends the enrolment ------------------------------------------------------------------
    def by_the_learner(self) -> None:
        form = {"course_id": COURSE, "enrollment_action": "unenroll"}
        self.assertEqual(self.client.post("/change_enrollment", form).status_code, 200)

    def by_a_server(self) -> None:
        self.client.logout()
        self.send_api(API_KEY)

    def by_another_plugin(self) -> None:
        CourseEnrollment.unenroll(self.amara, factories.key(COURSE))

    def by_nobody_known(self) -> None:
        CourseEnrollment.objects.update(is_active=False)
        self.assertEqual(self.remaining(), [0, 18])
        tasks.scheduled.sweep_departures.delay()

    def send_api(self, headers: dict[str, str]) -> None:
        body: dict[str, Any] = {
            "user": "amara",
            "mode": "verified",
            "is_active": False,
            "course_details": {"course_id": COURSE},
        }
        answer = self.client.post(
            "/api/enrollment/v1/enrollment",
            json.dumps(body),
            content_type="application/json",
            headers=headers,
        )
        self.assertEqual(answer.status_code, 200, answer.content)

    @ddt.data("by_the_learner", "by_a_server", "by_another_plugin", "by_nobody_known")
    def test_the_next_day_five_and_two_are_back_where_they_came_from(self, how: str) -> None:
        with freeze_time(NOW + DAY):
            getattr(self, how)()
            left_at = timezone.now()
        self.assertFalse(self.is_enrolled())
        self.assertEqual(self.remaining(), [5, 20])
        redemption = Redemption.objects.get()
        self.assertEqual(redemption.reversed_by, self.amara if how == "by_the_learner" else None)
        self.assertEqual(redemption.reversal_reason, "The learner left the course.")
        back = LedgerEntry.objects.filter(kind=EntryKind.REVERSAL).order_by("issue_id")
        self.assertEqual([entry.amount for entry in back], [5, 2])
        self.assertEqual({entry.reason for entry in back}, {"The learner left the course."})
        self.assertEqual({entry.redemption for entry in back}, {redemption})
        with freeze_time(NOW + DAY):
            self.assert_told_once_whatever_is_run_again(redemption, left_at)

    def assert_told_once_whatever_is_run_again(
        self, redemption: Redemption, left_at: datetime
    ) -> None:
        for _ in range(2):
            tasks.work.judge_unenrolment.delay(redemption.pk, self.amara.pk, left_at.isoformat())
            tasks.scheduled.sweep_departures.delay()
            tasks.mails.mail_reversal.delay(redemption.pk)
            tasks.scheduled.resume_pending.delay()
        self.assertEqual(
            sorted("".join(one.to) for one in mail.outbox),
            ["amara@example.com", "maya@example.com"],
        )
        self.assertNotIn("Reason", "".join(str(one.body) for one in mail.outbox))
        self.assertEqual(self.remaining(), [5, 20])
        self.assertFalse(PendingTask.objects.exists())
        assert_healthy()

    def test_where_staff_alone_give_back_the_learner_doesnt_and_staff_do(self) -> None:
        self.item.unenrolment_policy = "staff_only"
        self.item.save()
        with freeze_time(NOW + DAY):
            self.by_the_learner()
        self.assertEqual(self.remaining(), [0, 18])
        with freeze_time(NOW + 2 * DAY):
            self.client.post(reverse("token_payments:enrol_again", kwargs={"item_key": COURSE}))
            self.assertTrue(self.is_enrolled())
            self.client.force_login(self.staff)
            self.send_api(API_KEY)
        self.assertFalse(self.is_enrolled())
        self.assertEqual(self.remaining(), [5, 20])
        self.assertEqual(Redemption.objects.get().reversed_by, self.staff)

    def test_who_comes_back_pays_again(self) -> None:
        with freeze_time(NOW + DAY):
            self.by_the_learner()
            self.pay()
        self.assertEqual(Redemption.objects.filter(live=True).count(), 1)
        assert_healthy()
