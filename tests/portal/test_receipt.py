"""The receipt: for its learner and for who manages the course."""

from __future__ import annotations

import uuid

from django.utils import timezone

from tests import factories
from tests.portal.base import COURSE, CheckoutTestCase
from token_payments.models import Redemption


class ReceiptTests(CheckoutTestCase):
    def setUp(self):
        super().setUp()
        self.redemption = factories.redeem(self.learner, self.item, self.codes[0])
        self.address = f"/token-payments/receipt/{self.redemption.uuid}/"

    def test_tells_what_was_paid(self):
        response = self.client.get(self.address)
        for text in (
            "You are enrolled",
            "Fire Safety",
            COURSE,
            "Lee Learner",
            "Verified",
            "£149.00",
            f"ending in {self.codes[0][-4:]}",
            str(self.redemption.uuid),
        ):
            self.assertContains(response, text)

    def test_strangers_get_404_as_for_one_that_never_was(self):
        self.client.force_login(factories.make_user("stranger"))
        self.assertEqual(self.client.get(self.address).status_code, 404)
        self.assertEqual(
            self.client.get(f"/token-payments/receipt/{uuid.uuid4()}/").status_code, 404
        )

    def test_buyer_of_the_code_is_a_stranger_to_it(self):
        self.client.force_login(self.buyer)
        self.assertEqual(self.client.get(self.address).status_code, 404)

    def test_staff_see_it_without_the_learners_buttons(self):
        self.client.force_login(factories.make_user("staff", is_staff=True))
        response = self.client.get(self.address)
        self.assertContains(response, "Lee Learner")
        self.assertNotContains(response, "Go to the course")

    def test_reversed_payment_is_told(self):
        Redemption.objects.update(state="reversed", live=None, reversed_at=timezone.now())
        page = self.client.get(self.address)
        self.assertContains(page, "This payment was given back.")

    def test_from_a_reversed_payment_a_way_leads_to_the_course(self):
        from common.djangoapps.student.models import CourseEnrollment

        Redemption.objects.update(state="reversed", live=None, reversed_at=timezone.now())
        CourseEnrollment.unenroll(self.learner, factories.key(COURSE))
        page = self.client.get(self.address)
        self.assertContains(page, f'href="/courses/{COURSE}/about"')
        self.assertNotContains(page, "tp-steps")

    def test_stays_when_the_course_is_gone(self):
        from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

        CourseOverview.objects.all().delete()
        self.assertContains(self.client.get(self.address), "Fire Safety")

    def test_posting_is_not_possible(self):
        self.assertEqual(self.client.post(self.address).status_code, 405)
