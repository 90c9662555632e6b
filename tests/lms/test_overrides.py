"""The LMS's own links to a checkout lead to ours, for what we sell; and what they need for it."""

from __future__ import annotations

from typing import Any
from unittest import mock

import ddt
from django.core.checks import run_checks
from django.db import OperationalError
from django.test import TestCase, override_settings

from common.djangoapps.course_modes.models import CourseMode
from common.djangoapps.student.models import CourseEnrollment
from lms.djangoapps.commerce.models import CommerceConfiguration
from lms.djangoapps.commerce.utils import EcommerceService
from tests import factories
from token_payments.lms.checks import links
from token_payments.models import EnrolmentSettings

COURSE = "course-v1:Acme+Fire+2026"
OTHER = "course-v1:Acme+Water+2026"
CHECKOUT = f"http://localhost:8000/token-payments/checkout/{COURSE}/"
THEIRS = "http://localhost:8002/basket/add/?sku="
OURS = links.OURS


def give_sku(course: str, sku: str) -> None:
    CourseMode.objects.filter(course_id=course, min_price__gt=0).update(sku=sku)


class OverrideCase(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        factories.allow_paid()
        for key in (COURSE, OTHER):
            factories.make_course(key)
        factories.make_item(COURSE)
        cls.learner = factories.make_user("learner")
        give_sku(COURSE, "SKU1")
        give_sku(OTHER, "SKU2")

    def setUp(self) -> None:
        CommerceConfiguration.objects.create(enabled=True, checkout_on_ecommerce_service=True)


@override_settings(OVERRIDE_GET_CHECKOUT_PAGE_URL=OURS)
class OverrideTest(OverrideCase):
    def find(self, *skus: str, **kwargs: Any) -> str:
        return EcommerceService().get_checkout_page_url(*skus, **kwargs)

    def test_what_we_sell_leads_to_us(self) -> None:
        self.assertEqual(self.find("SKU1", course_run_keys=[COURSE]), CHECKOUT)
        self.assertEqual(self.find("SKU1", course_run_keys=[factories.key(COURSE)]), CHECKOUT)

    def test_a_course_is_found_by_its_sku(self) -> None:
        self.assertEqual(self.find("SKU1"), CHECKOUT)
        self.assertEqual(self.find("SKU1", catalog="7"), CHECKOUT)

    def test_what_we_dont_sell_stays_as_it_was(self) -> None:
        self.assertEqual(self.find("SKU2", course_run_keys=[OTHER]), f"{THEIRS}SKU2")
        self.assertEqual(self.find("NOTHING"), f"{THEIRS}NOTHING")
        self.assertEqual(self.find(""), THEIRS)

    def test_several_courses_at_once_stay_as_they_were(self) -> None:
        both = self.find("SKU1", "SKU2", course_run_keys=[COURSE, OTHER], program_uuid="p")
        self.assertEqual(both, f"{THEIRS}SKU1&sku=SKU2&bundle=p")

    def test_payments_off(self) -> None:
        EnrolmentSettings.objects.create(enabled=False, override_allowed=True)
        self.assertEqual(self.find("SKU1", course_run_keys=[COURSE]), f"{THEIRS}SKU1")

    @override_settings(TOKEN_PAYMENTS_ENABLED=False)
    def test_switched_off(self) -> None:
        self.assertEqual(self.find("SKU1", course_run_keys=[COURSE]), f"{THEIRS}SKU1")

    def test_a_crash_stays_as_it_was(self) -> None:
        offer = mock.patch(
            "token_payments.catalogue.queries.get_offer", side_effect=ZeroDivisionError
        )
        with offer, self.assertLogs("token_payments.lms.overrides", "ERROR"):
            self.assertEqual(self.find("SKU1", course_run_keys=[COURSE]), f"{THEIRS}SKU1")

    def test_track_selection_and_upgrade_links_lead_to_us(self) -> None:
        self.client.force_login(self.learner)
        CourseEnrollment.enroll(self.learner, factories.key(COURSE), mode="audit")
        page = self.client.get(f"/course_modes/choose/{COURSE}/", follow=True)
        self.assertContains(page, f'href="{CHECKOUT}"')
        found = EcommerceService().upgrade_url(self.learner, factories.key(COURSE))
        self.assertEqual(found, CHECKOUT)

    def test_other_overrides_are_asked_too(self) -> None:
        chain = [f"{__name__}.override_of_others", OURS]
        with override_settings(OVERRIDE_GET_CHECKOUT_PAGE_URL=chain):
            self.assertEqual(self.find("SKU1", course_run_keys=[COURSE]), CHECKOUT)
            self.assertEqual(self.find("SKU2", course_run_keys=[OTHER]), "/theirs")


def override_of_others(prev_fn: Any, service: Any, *skus: str, **kwargs: Any) -> str:
    return "/theirs"


@ddt.ddt
class CheckTest(OverrideCase):
    def ids(self) -> list[str]:
        messages = run_checks(tags=[links.TAG], databases=["default"])
        return [one.id.partition(".")[2] for one in messages]

    @ddt.data(None, "other.function", ["other.function"])
    def test_not_chosen_needs_nothing(self, value: Any) -> None:
        CommerceConfiguration.objects.create(enabled=True, checkout_on_ecommerce_service=False)
        with override_settings(OVERRIDE_GET_CHECKOUT_PAGE_URL=value):
            self.assertEqual(self.ids(), [])

    @ddt.data(OURS, ["other.function", OURS])
    def test_chosen_it_needs_the_switch_and_a_sku(self, value: Any) -> None:
        with override_settings(OVERRIDE_GET_CHECKOUT_PAGE_URL=value):
            self.assertEqual(self.ids(), [])
            give_sku(COURSE, "")
            self.assertEqual(self.ids(), ["W004"])
            [message] = links.check_links(databases=["default"])
            self.assertIn(COURSE, message.msg)
            self.assertNotIn(OTHER, message.msg)
            CommerceConfiguration.objects.create(enabled=True, checkout_on_ecommerce_service=False)
            self.assertEqual(self.ids(), ["W003"])
            with override_settings(TOKEN_PAYMENTS_ENABLED=False):
                self.assertEqual(self.ids(), [])

    @override_settings(OVERRIDE_GET_CHECKOUT_PAGE_URL=OURS)
    def test_before_the_tables_are_there_nothing_is_said(self) -> None:
        """As ``migrate`` runs the checks first: a new site couldn't be set up."""
        missing = OperationalError("no such table")
        with mock.patch.object(links.catalogue_queries, "list_sold_items", side_effect=missing):
            self.assertEqual(links.check_links(databases=["default"]), [])

    @override_settings(OVERRIDE_GET_CHECKOUT_PAGE_URL="token_payments.overides.get_url")
    def test_a_misspelt_name(self) -> None:
        self.assertEqual(self.ids(), ["E017"])

    @override_settings(OVERRIDE_GET_CHECKOUT_PAGE_URL=OURS)
    def test_asks_no_database_unless_told_to(self) -> None:
        with self.assertNumQueries(0):
            self.assertEqual(links.check_links(), [])
