"""Services that are down after the commit: no error page, and nothing half done."""

from __future__ import annotations

from unittest.mock import patch

from django.db import OperationalError as DatabaseDown
from django.test import TransactionTestCase
from kombu.exceptions import OperationalError as BrokerDown

from tests import factories
from tests.admin.base import COURSE, COURSE_ADMIN, admin_url, make_staff
from token_payments.hosts import host
from token_payments.models import Redemption


class OutageTest(TransactionTestCase):
    """With real commits: what follows one runs as it does on a site."""

    def setUp(self) -> None:
        self.item = factories.make_shop(COURSE)
        self.buyer = factories.make_user("buyer")
        self.client.force_login(make_staff("course_admin", *COURSE_ADMIN))

    def test_an_order_whose_task_is_not_taken_stays_processing_until_it_is_resumed(self) -> None:
        order = factories.make_order(self.item, buyer=self.buyer)
        url = admin_url("tokenorder", "finish_processing", order.pk)
        down = patch(
            "token_payments.tasks.work.process_order.delay", side_effect=BrokerDown("refused")
        )
        with down, self.assertLogs("django.db.backends.base", "ERROR"):
            self.assertContains(self.client.post(url, follow=True), "Generating tokens")
        order.refresh_from_db()
        self.assertEqual(order.status, "processing")

        self.client.post(admin_url("tokenorder", "resume", order.pk))

        order.refresh_from_db()
        self.assertEqual(order.status, "processed")

    def test_a_mail_whose_task_is_not_taken_is_not_in_the_log(self) -> None:
        order = factories.make_processed_order(self.item, buyer=self.buyer)
        url = admin_url("tokenorder", "email_tokens", order.pk)
        down = patch(
            "token_payments.tasks.mails.mail_codes.delay", side_effect=BrokerDown("refused")
        )
        with down, self.assertLogs("django.db.backends.base", "ERROR"):
            self.assertEqual(self.client.post(url, follow=True).status_code, 200)
        self.assertFalse(order.log.filter(action="codes_mailed").exists())

    def test_a_placement_that_can_not_even_be_recorded_leaves_the_enrolment(self) -> None:
        factories.make_group(COURSE, "North")
        order = factories.make_processed_order(self.item, buyer=self.buyer, group_name="North")
        learner = factories.make_user("learner")
        down = patch("token_payments.checkout.redeeming.place_in_group", side_effect=DatabaseDown)
        with down, self.assertLogs("django.db.backends.base", "ERROR"):
            factories.redeem(learner, self.item, factories.list_codes(order)[0])
        self.assertTrue(host.get_enrolment(learner, COURSE).is_active)
        self.assertEqual(Redemption.objects.get().group_state, "pending")
