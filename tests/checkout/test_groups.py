"""Groups are tried again less and less often, by one worker at a time, and then left to people."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any
from unittest import mock

from django.core.management import call_command
from django.test import TestCase
from django.utils import timezone

from tests import factories
from token_payments.checkout import operations as checkout_operations
from token_payments.checkout import queries as checkout_queries
from token_payments.models import Redemption
from token_payments.tasks.scheduled import retry_groups

COURSE = "course-v1:Acme+FIRE+2026"
HOUR = timedelta(hours=1)
PLACE = "token_payments.hosts.edxapp.EdxappHost.place_in_group"


class GroupTest(TestCase):
    def setUp(self) -> None:
        self.now = timezone.now()
        factories.allow_paid()
        factories.make_course(COURSE)
        buyer = factories.make_user("buyer")
        order = {"buyer": buyer, "group_name": "Red", "quantity": 4}
        self.item = factories.make_item(COURSE)
        self.codes = factories.list_codes(factories.make_processed_order(self.item, **order))

    def redeem(self, name: str = "learner", *, places: bool = True) -> Redemption:
        learner = factories.make_user(name)
        with self.captureOnCommitCallbacks(execute=places):
            redemption = factories.redeem(learner, self.item, self.codes.pop(), now=self.now)
        return Redemption.objects.get(pk=redemption.pk)

    def state(self, redemption: Redemption) -> tuple[Any, ...]:
        redemption.refresh_from_db()
        return redemption.group_state, redemption.group_tries, redemption.group_problem

    def test_the_first_try_counts_and_says_why_not(self) -> None:
        redemption = self.redeem()
        assert self.state(redemption) == ("failed", 1, "missing")
        assert redemption.group_tried_at == self.now

    def test_it_is_tried_again_after_an_hour_and_placed_once_there_is_the_group(self) -> None:
        redemption = self.redeem()
        factories.make_group(COURSE, "Red")
        early = self.now + HOUR - timedelta(microseconds=1)
        assert checkout_operations.retry_groups(now=early) == checkout_operations.Retried()
        assert checkout_operations.retry_groups(now=self.now + HOUR) == checkout_operations.Retried(
            placed=1
        )
        assert self.state(redemption) == ("placed", 2, "")
        assert factories.group_of(redemption.learner, COURSE) == "Red"
        assert (
            checkout_operations.retry_groups(now=self.now + 99 * HOUR)
            == checkout_operations.Retried()
        )

    def test_the_wait_doubles_up_to_a_day_and_it_gives_up(self) -> None:
        self.redeem()
        waits, now, last = [], self.now, self.now
        while Redemption.objects.get().group_tries < checkout_queries.MAX_TRIES:
            now += HOUR
            if checkout_operations.retry_groups(now=now).failed:
                waits.append((now - last) // HOUR)
                last = now
        assert waits == [1, 2, 4, 8, 16, 24, 24, 24, 24, 24, 24]
        factories.make_group(COURSE, "Red")
        assert (
            checkout_operations.retry_groups(now=now + 999 * HOUR) == checkout_operations.Retried()
        )
        redemption = Redemption.objects.get()
        assert (
            checkout_operations.place_in_group(redemption, now=now) == "placed"
        )  # by hand at any time

    def test_the_run_that_gives_up_says_so(self) -> None:
        self.redeem()
        Redemption.objects.update(group_tries=checkout_queries.MAX_TRIES - 1)
        assert checkout_operations.retry_groups(
            now=self.now + 24 * HOUR
        ) == checkout_operations.Retried(failed=1, given_up=1)

    def test_what_a_process_left_undone_is_done_an_hour_later(self) -> None:
        redemption = self.redeem(places=False)
        factories.make_group(COURSE, "Red")
        assert self.state(redemption) == ("pending", 0, "")
        assert (
            checkout_operations.retry_groups(now=self.now + HOUR / 2)
            == checkout_operations.Retried()
        )
        assert checkout_operations.retry_groups(now=self.now + HOUR) == checkout_operations.Retried(
            placed=1
        )

    def test_an_error_of_the_platform_is_recorded_and_stops_nobody_else(self) -> None:
        first, second = self.redeem("first"), self.redeem("second")
        broken = mock.patch(PLACE, side_effect=[RuntimeError("down"), mock.DEFAULT])
        with broken as place, self.assertLogs("token_payments.checkout.groups", "ERROR"):
            place.return_value = "placed"
            retried = checkout_operations.retry_groups(now=self.now + HOUR)
        assert (retried.placed, retried.failed) == (1, 1)
        assert self.state(first) == ("failed", 2, "broken")
        assert self.state(second) == ("placed", 2, "")

    def test_two_workers_make_a_try_once(self) -> None:
        """The other one looked before this one counted its try."""
        redemption = self.redeem()
        tried = []

        def place(*_args: Any) -> str:
            tried.append(checkout_operations.retry_groups(now=self.now + HOUR))
            return "missing"

        stale = Redemption.objects.select_related("learner", "item").get()
        with (
            mock.patch(PLACE, side_effect=place),
            mock.patch("token_payments.checkout.groups._list_due", return_value=[stale]),
        ):
            assert checkout_operations.retry_groups(now=self.now + HOUR).failed == 1
        assert tried == [checkout_operations.Retried()]
        assert self.state(redemption) == ("failed", 2, "missing")

    def test_who_left_or_was_reversed_is_left_alone(self) -> None:
        left, reversed_one = self.redeem("left"), self.redeem("reversed")
        Redemption.objects.filter(pk=left.pk).update(left_at=self.now)
        checkout_operations.reverse(reversed_one.pk, actor=None, reason="", now=self.now)
        assert (
            checkout_operations.retry_groups(now=self.now + HOUR) == checkout_operations.Retried()
        )

    def test_a_run_is_bounded_and_the_next_goes_on(self) -> None:
        for number in range(3):
            self.redeem(f"learner{number}")
        factories.make_group(COURSE, "Red")
        now = self.now + HOUR
        assert checkout_operations.retry_groups(now=now, limit=2) == checkout_operations.Retried(
            placed=2, is_cut=True
        )
        assert checkout_operations.retry_groups(now=now, limit=2) == checkout_operations.Retried(
            placed=1
        )

    def test_the_task_and_the_command_do_the_same_and_say_what(self) -> None:
        self.redeem()
        Redemption.objects.update(group_tried_at=self.now - HOUR)
        with self.assertLogs("token_payments.tasks", "INFO") as logged:
            assert retry_groups() == 0
        said = "groups: 0 placed, 1 not, of these 0 for good"
        assert logged.output == [f"INFO:token_payments.tasks.scheduled:{said}"]
        factories.make_group(COURSE, "Red")
        Redemption.objects.update(group_tried_at=self.now - 2 * HOUR)
        output = StringIO()
        call_command("token_payments_retry_groups", stdout=output)
        assert output.getvalue() == "Placed: 1, not placed: 0, of these for good: 0.\n"
