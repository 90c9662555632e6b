"""The older about page of the LMS: its Enrol button leads to checkout."""

from unittest import mock

from django.core.cache import cache
from django.db import connection
from django.test import TestCase, override_settings
from edx_django_utils.cache import RequestCache

from tests import factories
from token_payments.lms.pipeline import OfferTokenPayment

COURSE = "course-v1:Acme+Fire+2026"
CHECKOUT = f"/token-payments/checkout/{COURSE}/"


class AboutPageTest(TestCase):
    def setUp(self):
        cache.clear()
        RequestCache.clear_all_namespaces()
        factories.allow_paid()
        factories.make_user("learner")
        self.client.login(username="learner", password=factories.PASSWORD)

    def sell(self, modes=None, **fields):
        factories.make_course(COURSE, modes=modes or {"honor": 149})
        factories.make_item(COURSE, **fields)

    def read(self):
        response = self.client.get(f"/courses/{COURSE}/about")
        assert response.status_code == 200
        return response

    def test_leads_learners_and_visitors_to_checkout(self):
        self.sell()
        for _ in range(2):
            response = self.read()
            self.assertContains(response, f'href="{CHECKOUT}"')
            assert response.context["single_paid_mode"].slug == "honor"
            self.client.logout()

    def test_leaves_other_courses_alone(self):
        factories.make_course(COURSE, modes={"audit": 0, "verified": 149})
        self.assertNotContains(self.read(), CHECKOUT)

    def test_leaves_free_items_alone(self):
        self.sell(enrolment_method="free")
        self.assertNotContains(self.read(), CHECKOUT)

    @override_settings(TOKEN_PAYMENTS_ENABLED=False)
    def test_switched_off_it_offers_nothing(self):
        self.sell()
        self.assertNotContains(self.read(), CHECKOUT)

    def test_a_crash_leaves_the_page_as_it_was(self):
        self.sell()

        def break_the_transaction(*args):
            with connection.cursor() as cursor:
                cursor.execute("SELECT * FROM no_such_table")

        offer = mock.patch("token_payments.catalogue.queries.get_offer", break_the_transaction)
        with offer, self.assertLogs("token_payments.lms.pipeline", "ERROR"):
            self.assertNotContains(self.read(), CHECKOUT)

    def test_another_context_leaves_the_page_as_it_was(self):
        about = OfferTokenPayment("about", [])
        with self.assertLogs("token_payments.lms.pipeline", "ERROR"):
            assert about.run_filter(context={}, template_name="x") == {}
