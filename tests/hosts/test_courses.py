"""Courses as the adapter reads them from the LMS."""

from datetime import UTC, datetime, timedelta

import pytest
from ddt import data, ddt, unpack
from django.test import TestCase, override_settings
from django.utils import timezone
from edx_django_utils.cache import RequestCache

from common.djangoapps.course_modes.models import CourseMode
from common.djangoapps.student.models import CourseEnrollment
from common.djangoapps.student.roles import CourseStaffRole
from tests import factories
from token_payments.errors import ItemNotFound
from token_payments.hosts import host
from token_payments.hosts.base import Mode

COURSE = "course-v1:Acme+Fire+2026"
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


def expire(course, slug):
    mode = CourseMode.objects.get(course=course, mode_slug=slug)
    mode.expiration_datetime = timezone.now() - timedelta(days=1)
    mode.save()


@ddt
class GetItemTest(TestCase):
    def test_tells_what_the_course_is(self):
        factories.make_course(
            COURSE, display_name="Fire Safety", start=START, end=END, short_description="Get out."
        )
        item = host.get_item(COURSE)
        assert (item.key, item.title, item.org) == (COURSE, "Fire Safety", "Acme")
        assert (item.starts, item.ends, item.summary) == (START, END, "Get out.")
        assert item.about_url == f"/courses/{COURSE}/about"
        assert item.home_url == f"/courses/{COURSE}/course/"
        assert not item.invitation_only

    def test_addresses_lead_to_the_course(self):
        factories.make_course(COURSE)
        item = host.get_item(COURSE)
        factories.make_user("staff", is_staff=True)
        self.client.login(username="staff", password=factories.PASSWORD)
        assert self.client.get(item.about_url).status_code == 200
        assert self.client.get(item.home_url).status_code == 200

    def test_a_course_with_a_free_mode_says_where_to_choose_it(self):
        factories.make_course(COURSE, modes={"audit": 0, "verified": 149})
        factories.make_user("staff", is_staff=True)
        self.client.login(username="staff", password=factories.PASSWORD)
        assert self.client.get(host.get_item(COURSE).free_url).status_code == 200
        CourseMode.objects.filter(mode_slug="audit").delete()
        RequestCache.clear_all_namespaces()
        assert host.get_item(COURSE).free_url == ""

    def test_names_the_modes_with_prices_in_upper_case_currency(self):
        factories.make_course(COURSE, modes={"audit": 0, "verified": 149}, currency="gbp")
        item = host.get_item(COURSE)
        assert {mode.slug: mode for mode in item.modes} == {
            "audit": Mode("audit", "Audit", 0, "GBP"),
            "verified": Mode("verified", "Verified", 149, "GBP"),
        }
        assert item.paid_slugs == {"verified"}

    def test_an_expired_mode_is_not_open_but_still_a_paid_one(self):
        expire(factories.make_course(COURSE), "verified")
        item = host.get_item(COURSE)
        assert [mode.slug for mode in item.modes] == ["audit"]
        assert item.paid_slugs == {"verified"}

    def test_what_the_lms_puts_in_the_place_of_closed_modes_is_none_of_the_courses(self):
        """With audit gone nobody joins free of charge, and the availability doesn't say so."""
        expire(factories.make_course(COURSE, modes={"verified": 149}), "verified")
        item = host.get_item(COURSE)
        assert not item.modes
        assert item.free_url == ""
        assert item.paid_slugs == {"verified"}

    def test_a_credit_mode_is_no_way_in_but_a_paid_one(self):
        factories.make_course(COURSE, modes={"audit": 0, "credit": 50})
        item = host.get_item(COURSE)
        assert [mode.slug for mode in item.modes] == ["audit"]
        assert item.paid_slugs == {"credit"}

    def test_a_course_without_modes_has_the_free_default(self):
        factories.make_course(COURSE, modes={})
        item = host.get_item(COURSE)
        assert [(mode.slug, mode.price) for mode in item.modes] == [("audit", 0)]
        assert not item.paid_slugs

    @data(
        ({}, {"audit"}),
        ({"audit": 0, "verified": 1}, {"audit"}),
        ({"honor": 0, "verified": 1}, {"honor"}),
        ({"honor": 99}, {"honor"}),
        ({"honor": 50, "audit": 0}, {"audit", "honor"}),
        ({"verified": 1}, {"audit"}),
    )
    @unpack
    def test_modes_that_come_of_asking_for_none(self, modes, expected):
        course = factories.make_course(COURSE, modes=modes)
        assert host.get_item(COURSE).unnamed_modes == expected
        enrolment = CourseEnrollment.enroll(factories.make_user("learner"), course.id)
        assert enrolment.mode in expected

    @data("course-v1:Acme+Nothing+2026", "fire safety", "", "course-v1:Acme")
    def test_unknown_and_malformed_keys_are_not_found(self, key):
        with pytest.raises(ItemNotFound):
            host.get_item(key)

    @data("+branch@draft", "+version@519665f6223ebd6980884f2b")
    def test_a_key_with_more_than_the_lms_writes_is_not_found(self, more):
        factories.make_course(COURSE)
        with pytest.raises(ItemNotFound):
            host.get_item(COURSE + more)

    def test_counts_the_seats_left_without_staff(self):
        course = factories.make_course(COURSE, max_student_enrollments_allowed=2)
        teacher = factories.make_user("teacher")
        CourseStaffRole(course.id).add_users(teacher)
        assert host.get_item(COURSE).seats_left == 2
        CourseEnrollment.enroll(teacher, course.id)
        assert host.get_item(COURSE).seats_left == 2
        for name in ("one", "two"):
            CourseEnrollment.enroll(factories.make_user(name), course.id)
        assert host.get_item(COURSE).seats_left == 0
        CourseEnrollment.enroll(factories.make_user("by_force"), course.id)
        assert host.get_item(COURSE).seats_left == 0

    def test_no_limit_no_number(self):
        factories.make_course(COURSE)
        assert host.get_item(COURSE).seats_left is None

    def test_invitation_only_by_course_or_by_site(self):
        factories.make_course(COURSE, invitation_only=True)
        factories.make_course("course-v1:Acme+Open+2026")
        assert host.get_item(COURSE).invitation_only
        with override_settings(COURSES_INVITE_ONLY=True):
            assert host.get_item("course-v1:Acme+Open+2026").invitation_only


class SearchItemsTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        factories.make_course(COURSE, display_name="Fire Safety")
        factories.make_course("course-v1:Acme+Aid+2026", display_name="First Aid")
        factories.make_course("course-v1:Beta+Lift+2026", display_name="Forklifts")

    def test_finds_by_title_and_by_a_part_of_the_key_in_the_order_of_titles(self):
        acme = [
            ("course-v1:Acme+Fire+2026", "Fire Safety"),
            ("course-v1:Acme+Aid+2026", "First Aid"),
        ]
        assert host.search_items("acme+") == acme
        assert host.search_items("FIR") == acme
        assert host.search_items("nothing") == []

    def test_finds_so_many_at_most(self):
        assert len(host.search_items("2026", limit=2)) == 2
