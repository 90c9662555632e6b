"""A payment without an enrolment is shown as such and put right; and what follows a reversal."""

from __future__ import annotations

from typing import Any
from unittest import mock

from django.urls import reverse

from common.djangoapps.student.models import CourseEnrollment
from tests import factories
from tests.checkout.base import COURSE, DAY, NOW, ReversalCase
from tests.concurrency import assert_healthy
from token_payments.checkout import operations as checkout_operations
from token_payments.errors import HostRefused
from token_payments.models import Redemption

ENROL = "token_payments.hosts.edxapp.EdxappHost.enrol"


class EnrollingCase(ReversalCase):
    def setUp(self) -> None:
        super().setUp()
        self.admin.is_staff = True
        self.admin.save()
        self.client.force_login(self.admin)

    def url(self, redemption: Redemption, page: str = "enrol_again") -> str:
        return reverse(f"admin:token_payments_redemption_{page}", args=[redemption.pk])

    def lose(self) -> Redemption:
        """Paid, and then the platform's row is gone."""
        redemption = self.pay()
        CourseEnrollment.objects.all().delete()
        return redemption

    def post(self, redemption: Redemption, reason: str = "Restored from a backup") -> Any:
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(self.url(redemption), {"reason": reason}, follow=True)


class MissingTest(EnrollingCase):
    def list(self, **query: str) -> Any:
        return self.client.get(reverse("admin:token_payments_redemption_changelist"), query)

    def test_the_list_finds_it_after_the_sweep_and_the_page_at_once(self) -> None:
        redemption = self.lose()
        page = self.client.get(self.url(redemption, "change"))
        self.assertContains(page, "the LMS has no enrolment for it")
        self.assertContains(page, self.url(redemption))
        assert not self.list(enrolment="missing").context["cl"].result_count
        checkout_operations.sweep_departures(now=NOW)
        found = self.list(enrolment="missing")
        assert [row.pk for row in found.context["cl"].result_list] == [redemption.pk]
        self.assertContains(found, "Not enrolled")

    def test_who_left_is_another_thing(self) -> None:
        redemption = self.pay()
        self.leave()
        page = self.client.get(self.url(redemption, "change"))
        self.assertContains(page, "The learner has left the course.")
        Redemption.objects.update(left_at=NOW)
        found = self.list(enrolment="left").context["cl"].result_list
        assert [row.pk for row in found] == [redemption.pk]
        assert not self.list(enrolment="missing").context["cl"].result_count

    def test_the_preview_says_what_is_done_and_does_nothing(self) -> None:
        redemption = self.lose()
        page = self.client.get(self.url(redemption))
        self.assertContains(page, "Enrol Amara again?")
        self.assertContains(page, "Nothing is taken")
        assert not self.is_enrolled()

    def test_enrolled_again_by_whom_and_why_is_kept(self) -> None:
        redemption = self.lose()
        checkout_operations.sweep_departures(now=NOW)
        page = self.post(redemption)
        self.assertContains(page, "The learner is enrolled again.")
        self.assertContains(page, "Restored from a backup")
        self.assertContains(page, "Olive")
        self.assertNotContains(page, "the LMS has no enrolment")
        assert self.is_enrolled()
        assert self.remaining() == [0, 8]
        redemption.refresh_from_db()
        assert (redemption.state, redemption.missing_since) == ("completed", None)
        assert_healthy()

    def test_twice_is_once(self) -> None:
        redemption = self.lose()
        self.post(redemption)
        self.assertContains(self.post(redemption), "The learner is enrolled already.")
        for _ in range(2):
            checkout_operations.repair_enrolment(
                redemption.pk, actor=self.admin, reason="again", now=NOW
            )
        assert redemption.log.count() == 1

    def test_a_reason_is_wanted(self) -> None:
        redemption = self.lose()
        self.assertContains(self.post(redemption, reason=""), "This field is required")
        assert not self.is_enrolled()

    def test_what_the_platform_has_against_it_is_told_before_and_after(self) -> None:
        redemption = self.lose()
        factories.change_course(COURSE, max_student_enrollments_allowed=0)
        factories.change_course(COURSE, enrollment_end=NOW - 9 * DAY)
        text = "enrol this learner: enrolment in the course is closed."
        self.assertContains(self.client.get(self.url(redemption)), text)
        with mock.patch(ENROL, side_effect=HostRefused("closed")):
            self.assertContains(self.post(redemption), text)
        redemption.refresh_from_db()
        assert not redemption.log.exists()
        assert not self.is_enrolled()

    def test_it_can_be_reversed_instead(self) -> None:
        redemption = self.lose()
        url = self.url(redemption, "reverse")
        with mock.patch("token_payments.admin.reversing.timezone.now", return_value=NOW):
            self.assertContains(self.client.get(url), "5 tokens go back to issue")
            self.client.post(url, {"reason": "never mind"})
        assert self.remaining() == [5, 10]
        redemption.refresh_from_db()
        assert (redemption.state, redemption.missing_since) == ("reversed", None)
        self.assertContains(self.post(redemption), "the learner has to pay again")

    def test_a_sweep_after_it_was_put_right_takes_the_mark_away(self) -> None:
        redemption = self.lose()
        checkout_operations.sweep_departures(now=NOW)
        CourseEnrollment.enroll(self.amara, factories.key(COURSE), mode="verified")
        checkout_operations.sweep_departures(now=NOW + DAY)
        redemption.refresh_from_db()
        assert redemption.missing_since is None

    def test_who_may_only_look_is_refused(self) -> None:
        redemption = self.lose()
        self.client.force_login(factories.make_user("viewer", is_staff=True))
        assert self.client.post(self.url(redemption), {"reason": "x"}).status_code == 403
        assert not self.is_enrolled()


class AfterReversalTest(EnrollingCase):
    """Through the pages, as an admin and a learner would."""

    def go(self, name: str, **data: str) -> Any:
        url = reverse(f"token_payments:{name}", kwargs={"item_key": COURSE})
        return self.client.post(url, data) if data else self.client.get(url)

    def pay_by_pages(self) -> Any:
        self.go("checkout", method="wallet", **{"wallet-wallet": str(self.wallet.pk)})
        return self.go("finish", idempotency_key=self.go("review").context["idempotency_key"])

    def test_a_learner_whose_payment_was_reversed_pays_and_is_enrolled_again(self) -> None:
        self.client.force_login(self.amara)
        assert self.pay_by_pages().status_code == 302
        first = Redemption.objects.get()
        self.client.force_login(self.admin)
        url = self.url(first, "reverse")
        page = self.client.post(url, {"reason": "ill", "unenrol": "on"}, follow=True)
        self.assertContains(page, "The payment was reversed.")
        assert not self.is_enrolled()

        self.client.force_login(self.amara)
        answer = self.client.post(
            reverse("token_payments:enrol_again", kwargs={"item_key": COURSE})
        )
        # what was given back opens no door: back to where it is paid for
        self.assertRedirects(answer, reverse("token_payments:checkout", args=[COURSE]))
        assert not self.is_enrolled()
        assert self.pay_by_pages().status_code == 302
        assert self.is_enrolled()
        assert list(Redemption.objects.values_list("state", flat=True)) == ["completed", "reversed"]
        assert_healthy()

    def test_who_left_without_getting_anything_back_comes_back_at_no_cost(self) -> None:
        self.item.unenrolment_policy = "never"
        self.item.save()
        self.client.force_login(self.amara)
        self.pay_by_pages()
        self.leave()
        checkout_operations.sweep_departures(now=NOW)
        left = self.remaining()
        answer = self.client.post(
            reverse("token_payments:enrol_again", kwargs={"item_key": COURSE})
        )
        assert answer.status_code == 302
        assert self.is_enrolled()
        assert self.remaining() == left
        assert_healthy()
