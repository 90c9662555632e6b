"""The host's event leads to the rule, whoever ended the enrolment and however."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from unittest import mock

from django.core import mail
from django.core.management import call_command
from django.db import DatabaseError
from django.test import TestCase, override_settings
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from tests import factories
from token_payments.checkout import operations as checkout_operations
from token_payments.models import PendingTask, Redemption
from token_payments.wallets import queries as wallet_queries

COURSE = "course-v1:Acme+FIRE+2026"


class LeavingCase(TestCase):
    def setUp(self) -> None:
        now = timezone.now()
        gold = factories.make_type()
        self.item = factories.make_shop(
            COURSE,
            course={"start": now - timedelta(days=2)},
            methods=["wallet"],
            token_prices={gold: 7},
        )
        self.amara = factories.make_user("amara")
        self.staff = factories.make_user("staff", is_superuser=True)
        account = factories.make_account(members=[self.amara])
        factories.issue_tokens(account, gold, 10, now=now - timedelta(days=1))
        self.wallet = factories.find_wallet(account, gold)
        self.redemption = factories.pay(self.amara, self.item, self.wallet)

    def leave(self) -> None:
        """As the dashboard's button does."""
        self.client.force_login(self.amara)
        with self.captureOnCommitCallbacks(execute=True):
            answer = self.client.post(
                "/change_enrollment", {"course_id": COURSE, "enrollment_action": "unenroll"}
            )
        assert answer.status_code == 200

    def balance(self) -> int:
        return wallet_queries.get_balance(self.wallet, timezone.now()).available


class LeavingTest(LeavingCase):
    def test_the_learner_leaves_and_gets_the_tokens_back(self) -> None:
        assert self.balance() == 3
        self.leave()
        assert self.balance() == 10
        self.redemption.refresh_from_db()
        assert self.redemption.reversed_by == self.amara

    def test_by_the_items_own_rule(self) -> None:
        self.item.unenrolment_policy = "never"
        self.item.save()
        self.leave()
        assert self.balance() == 3
        assert Redemption.objects.get().left_at is not None

    def test_staff_alone_where_the_rule_says_so(self) -> None:
        self.item.unenrolment_policy = "staff_only"
        self.item.save()
        self.leave()
        assert self.balance() == 3
        checkout_operations.enrol_again(learner=self.amara, item_key=COURSE)
        with (
            mock.patch("crum.get_current_request"),
            mock.patch(
                "token_payments.hosts.edxapp.get_current_request",
                return_value=mock.Mock(user=self.staff),
            ),
            self.captureOnCommitCallbacks(execute=True),
        ):
            CourseEnrollment.unenroll(self.amara, factories.key(COURSE))
        assert self.balance() == 10

    def test_another_plugin_leaves_without_a_request(self) -> None:
        with self.captureOnCommitCallbacks(execute=True):
            CourseEnrollment.unenroll(self.amara, factories.key(COURSE))
        assert self.balance() == 10
        assert Redemption.objects.get().reversed_by is None

    def test_courses_that_nobody_paid_for_are_no_business_of_ours(self) -> None:
        other = "course-v1:Acme+FREE+2026"
        factories.make_course(other, modes={"audit": 0})
        CourseEnrollment.enroll(self.amara, factories.key(other))
        with self.captureOnCommitCallbacks(execute=True) as callbacks:
            CourseEnrollment.unenroll(self.amara, factories.key(other))
        assert not callbacks
        assert self.balance() == 3

    def test_an_error_of_ours_keeps_nobody_enrolled(self) -> None:
        with mock.patch(
            "token_payments.checkout.unenrolments.find_ended_payment",
            side_effect=ValueError("broken"),
        ):
            self.leave()
        assert not CourseEnrollment.is_enrolled(self.amara, factories.key(COURSE))
        assert self.balance() == 3
        assert checkout_operations.sweep_departures(now=timezone.now()).given_back == 1

    def test_what_cannot_be_written_down_keeps_nobody_enrolled(self) -> None:
        with mock.patch(
            "token_payments.outbox.pending.add_pending", side_effect=DatabaseError("no room")
        ) as write:
            self.leave()
        write.assert_called_once()
        assert not CourseEnrollment.is_enrolled(self.amara, factories.key(COURSE))
        assert checkout_operations.sweep_departures(now=timezone.now()).given_back == 1

    def test_a_statement_that_fails_spares_the_hosts_transaction(self) -> None:
        def break_transaction(*_args: object, **_more: object) -> None:
            PendingTask.objects.create(task=None, arguments="[]", created_at=timezone.now())

        with mock.patch("token_payments.outbox.pending.add_pending", side_effect=break_transaction):
            self.leave()
        assert not CourseEnrollment.is_enrolled(self.amara, factories.key(COURSE))

    def test_a_broker_that_is_down_leaves_it_to_the_sweep(self) -> None:
        with mock.patch(
            "token_payments.tasks.work.judge_unenrolment.delay", side_effect=OSError("down")
        ):
            self.leave()
        assert self.balance() == 3
        assert checkout_operations.sweep_departures(now=timezone.now()).given_back == 1

    @override_settings(TOKEN_PAYMENTS_ENABLED=False)
    def test_switched_off_nothing_happens(self) -> None:
        self.leave()
        assert self.balance() == 3


class CommandTest(LeavingCase):
    def test_the_command_says_what_it_found(self) -> None:
        CourseEnrollment.objects.update(is_active=False)
        out = StringIO()
        with self.captureOnCommitCallbacks(execute=True):
            call_command("token_payments_sweep_departures", stdout=out)
        assert out.getvalue() == ("Left: 1, given back: 1, failed: 0, paid and not enrolled: 0.\n")
        assert [one.to for one in mail.outbox] == [["amara@example.com"]]
        assert self.balance() == 10
