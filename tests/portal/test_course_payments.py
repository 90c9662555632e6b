"""The payments of a course: our page and file, and the instructor dashboards, old and new."""

from __future__ import annotations

from typing import Any
from unittest import mock

import ddt
import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import TestCase, override_settings
from django.test.utils import CaptureQueriesContext
from openedx_filters.learning import filters

from common.djangoapps.student import roles
from tests import factories
from token_payments.checkout import course_payments
from token_payments.checkout import operations as checkout_operations
from token_payments.lms.pipeline import LinkToTokens
from token_payments.models import Redemption

COURSE = "course-v1:Acme+Fire+2026"
OTHER = "course-v1:Acme+Water+2026"
FREE = "course-v1:Acme+Air+2026"
PAGE = f"/token-payments/courses/{COURSE}/payments/"
DASHBOARD = f"/courses/{COURSE}/instructor"
TABS = f"/api/instructor/v2/courses/{COURSE}"


class CourseCase(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        factories.allow_paid()
        for key in (COURSE, OTHER, FREE):
            factories.make_course(key)
        cls.gold = factories.make_type()
        cls.item = factories.make_item(
            COURSE, methods=["token_code", "wallet"], token_prices={cls.gold: 7}, seats=50
        )
        cls.other = factories.make_item(OTHER)
        cls.buyer = factories.make_user("buyer")
        cls.order = factories.make_processed_order(cls.item, buyer=cls.buyer, quantity=40)
        cls.codes = factories.list_codes(cls.order)
        cls.staff = factories.make_user("stella")
        roles.CourseStaffRole(factories.key(COURSE)).add_users(cls.staff)
        cls.learner = factories.make_user("lee", name="Lee <b>Learner</b>")
        account = factories.make_account("Globex", members=[cls.learner])
        factories.issue_tokens(account, cls.gold, 70)
        cls.wallet = factories.find_wallet(account, cls.gold)

    def setUp(self) -> None:
        self.client.force_login(self.staff)

    def pay_by_code(self, number: int) -> list[Redemption]:
        return [
            factories.redeem(factories.make_user(f"learner{one}"), self.item, self.codes[one])
            for one in range(number)
        ]


@ddt.ddt
class AccessTest(CourseCase):
    def test_each_role_that_runs_or_sells_the_course(self) -> None:
        key = factories.key(COURSE)
        for role in (
            roles.CourseSalesAdminRole(key),
            roles.CourseFinanceAdminRole(key),
            roles.CourseInstructorRole(key),
            roles.OrgStaffRole("Acme"),
            roles.GlobalStaff(),
        ):
            person = factories.make_user(f"u{type(role).__name__}")
            role.add_users(person)
            self.client.force_login(person)
            for url in (PAGE, f"{PAGE}csv/"):
                self.assertEqual(self.client.get(url).status_code, 200, (role, url))

    def test_nobody_else(self) -> None:
        stranger = factories.make_user("stranger")
        elsewhere = factories.make_user("elsewhere")
        roles.CourseStaffRole(factories.key(OTHER)).add_users(elsewhere)
        roles.OrgStaffRole("Globex").add_users(elsewhere)
        for person in (stranger, elsewhere, self.buyer, self.learner):
            self.client.force_login(person)
            for url in (PAGE, f"{PAGE}csv/"):
                self.assertEqual(self.client.get(url).status_code, 404, (person, url))
        self.client.logout()
        self.assertIn("/login?next=", self.client.get(PAGE)["Location"])

    @ddt.data(FREE, "course-v1:Acme+Nothing+2026", "nonsense")
    def test_what_is_no_catalogue_item_has_no_page(self, key: str) -> None:
        self.staff.is_staff = True
        self.staff.save()
        url = f"/token-payments/courses/{key}/payments/"
        self.assertEqual(self.client.get(url).status_code, 404)


class PageTest(CourseCase):
    def test_nothing_was_paid(self) -> None:
        page = self.client.get(PAGE)
        self.assertContains(page, "Nobody has paid for this course")
        self.assertNotContains(page, "Download as CSV")

    def test_who_paid_with_what_and_how_many_are_left(self) -> None:
        first, _second = self.pay_by_code(2)
        factories.pay(self.learner, self.item, self.wallet)
        checkout_operations.reverse(first.pk, actor=self.staff, reason="x", now=first.created_at)
        page = self.client.get(PAGE)
        found = page.context["payments"]
        self.assertEqual(found.counts, {"token_code": 1, "wallet": 1})
        self.assertEqual((found.total, found.reversed, found.seats_left), (2, 1, 48))
        self.assertContains(page, "Lee &lt;b&gt;Learner&lt;/b&gt;")
        self.assertContains(page, "7 Gold")
        self.assertContains(page, "Globex")
        self.assertContains(page, f"Token Code ending in {self.codes[1][-4:]}")
        self.assertContains(page, self.order.number)
        self.assertContains(page, "Reversed")
        self.assertNotContains(page, self.codes[1])
        names = [row["user_name"] for row in page.context["rows"]]
        self.assertEqual(names, ["lee", "learner1", "learner0"])

    def test_by_method(self) -> None:
        self.pay_by_code(1)
        factories.pay(self.learner, self.item, self.wallet)
        page = self.client.get(f"{PAGE}?method=wallet")
        self.assertEqual([row["user_name"] for row in page.context["rows"]], ["lee"])
        self.assertContains(page, "csv/?method=wallet")
        everything = self.client.get(f"{PAGE}?method=nonsense")
        self.assertEqual(len(everything.context["rows"]), 2)

    def test_payments_of_other_courses_stay_out(self) -> None:
        order = factories.make_processed_order(self.other, buyer=self.buyer, quantity=1)
        factories.redeem(self.learner, self.other, factories.list_codes(order)[0])
        self.assertEqual(self.client.get(PAGE).context["payments"].total, 0)

    def test_a_method_that_is_gone_and_a_course_that_is_gone(self) -> None:
        self.pay_by_code(1)
        with override_settings(TOKEN_PAYMENTS={"PAYMENT_METHODS": []}):
            self.assertContains(self.client.get(PAGE), "token_code")

    def test_pages_take_the_same_queries(self) -> None:
        self.item.seats = None
        self.item.save()
        self.pay_by_code(2)
        self.client.get(PAGE)
        with CaptureQueriesContext(connection) as few:
            self.client.get(PAGE)
        for number in range(2, 30):
            user = factories.make_user(f"more{number}")
            factories.redeem(user, self.item, self.codes[number])
        ten = mock.patch("token_payments.portal.course_payments.PAGE", 10)
        with ten, CaptureQueriesContext(connection) as many:
            page = self.client.get(f"{PAGE}?page=2")
        self.assertEqual(len(page.context["rows"]), 10)
        self.assertContains(page, "Page 2 of 3")
        self.assertEqual(len(many), len(few))


class FileTest(CourseCase):
    def read(self, query: str = "") -> list[str]:
        response = self.client.get(f"{PAGE}csv/{query}")
        self.assertIn("attachment", response["Content-Disposition"])
        return b"".join(response.streaming_content).decode("utf-8-sig").splitlines()

    def test_everybody_who_paid(self) -> None:
        self.pay_by_code(5)
        factories.pay(self.learner, self.item, self.wallet)
        with mock.patch.object(course_payments, "BATCH", 2):
            lines = self.read()
        self.assertEqual(len(lines), 7)
        self.assertTrue(lines[0].startswith("Time (Europe/London),User name,Name,E-mail,Paid with"))
        self.assertIn("lee,Lee <b>Learner</b>,lee@example.com,7 Gold,Globex", lines[1])
        self.assertIn("learner0", lines[6])
        self.assertEqual(len(self.read("?method=wallet")), 2)
        self.assertNotIn(self.codes[0], "".join(lines))

    def test_a_name_that_begins_a_formula(self) -> None:
        sly = factories.make_user("sly", name="=1+1")
        factories.redeem(sly, self.item, self.codes[0])
        self.assertIn("'=1+1", self.read()[1])


class OrdersTest(CourseCase):
    """Who runs or sells courses sees the orders of these, and of no other."""

    def read(self, key: str = COURSE) -> Any:
        return self.client.get(f"/token-payments/courses/{key}/payments/orders/")

    def test_the_orders_of_the_course_alone(self) -> None:
        factories.make_order(self.other, buyer=self.buyer)
        self.pay_by_code(2)
        page = self.read()
        [line] = page.context["lines"]
        self.assertEqual((line["order"], line["counts"].redeemed), (self.order, 2))
        self.assertContains(page, self.order.number)
        self.assertNotContains(page, "149")  # what it costs is for those who buy and sell

    def test_an_orgs_staff_see_its_courses_orders_and_no_others(self) -> None:
        factories.make_course("course-v1:Globex+Oil+2026")
        factories.make_item("course-v1:Globex+Oil+2026")
        person = factories.make_user("orgstaff")
        roles.OrgStaffRole("Acme").add_users(person)
        self.client.force_login(person)
        self.assertEqual(self.read(COURSE).status_code, 200)
        self.assertContains(self.read(OTHER), "Nobody has ordered tokens")
        self.assertEqual(self.read("course-v1:Globex+Oil+2026").status_code, 404)

    def test_the_admins_lists_are_for_the_lmss_own_staff(self) -> None:
        """Roles in a course or an organisation open no page of the admin, with permissions too."""
        wanted = Permission.objects.filter(content_type__app_label="token_payments")
        for role in (
            roles.OrgStaffRole("Acme"),
            roles.CourseSalesAdminRole(factories.key(COURSE)),
            roles.CourseFinanceAdminRole(factories.key(COURSE)),
        ):
            person = factories.make_user(f"admin{type(role).__name__}")
            role.add_users(person)
            person.user_permissions.add(*wanted)
            self.client.force_login(person)
            for name in ("tokenorder", "redemption", "catalogueitem", "tokenissue"):
                answer = self.client.get(f"/admin/token_payments/{name}/")
                self.assertEqual(answer.status_code, 302, name)
                self.assertIn("/admin/login/", answer["Location"])

    def test_pages_take_the_same_queries(self) -> None:
        self.read()
        with CaptureQueriesContext(connection) as few:
            self.read()
        for _ in range(12):
            factories.make_order(self.item, buyer=self.buyer)
        ten = mock.patch("token_payments.portal.course_payments.PAGE", 10)
        with ten, CaptureQueriesContext(connection) as many:
            page = self.read()
        self.assertEqual(len(page.context["lines"]), 10)
        self.assertEqual(len(many), len(few))


class HomeTest(CourseCase):
    """The older learner dashboard, as the LMS runs its filter."""

    def test_it_links_to_manage_my_tokens(self) -> None:
        page = self.client.get("/dashboard")
        self.assertContains(page, '<p><a href="/token-payments/tokens/">Manage My Tokens</a></p>')

    def test_what_stands_there_stays(self) -> None:
        found = LinkToTokens("home", []).run_filter(
            context={"enrollment_message": "<p>Welcome</p>", "courses": []}, template_name="x"
        )
        self.assertTrue(found["context"]["enrollment_message"].startswith("<p>Welcome</p><p><a"))
        self.assertEqual(found["context"]["courses"], [])

    @override_settings(TOKEN_PAYMENTS_ENABLED=False)
    def test_switched_off(self) -> None:
        self.assertNotContains(self.client.get("/dashboard"), "/token-payments/tokens/")

    def test_a_crash_leaves_it_as_it_was(self) -> None:
        with self.assertLogs("token_payments.lms.pipeline", "ERROR"):
            self.assertEqual(LinkToTokens("home", []).run_filter(template_name="x"), {})


class DashboardTest(CourseCase):
    """As the LMS runs its filters, and includes the Mako template of the section."""

    def test_the_older_dashboard_has_a_section(self) -> None:
        factories.pay(self.learner, self.item, self.wallet)
        page = self.client.get(DASHBOARD)
        self.assertContains(page, '<section id="token_payments" class="idash-section"')
        self.assertContains(page, "Lee &lt;b&gt;Learner&lt;/b&gt;")
        self.assertContains(page, f'href="{PAGE}"')
        self.assertContains(page, "Course Info")

    def test_its_queries_dont_grow(self) -> None:
        self.pay_by_code(1)
        self.client.get(DASHBOARD)
        with CaptureQueriesContext(connection) as few:
            self.client.get(DASHBOARD)
        self.item.seats = None
        self.item.save()
        for number in range(2, 20):
            factories.redeem(factories.make_user(f"m{number}"), self.item, self.codes[number])
        with CaptureQueriesContext(connection) as many:
            page = self.client.get(DASHBOARD)
        self.assertEqual(len(many), len(few))
        self.assertContains(page, 'role="row"', count=11)

    def test_a_researcher_sees_the_dashboard_but_not_the_payments(self) -> None:
        person = factories.make_user("rese")
        roles.CourseDataResearcherRole(factories.key(COURSE)).add_users(person)
        self.client.force_login(person)
        self.assertNotContains(self.client.get(DASHBOARD), "token_payments")
        self.assertEqual(self.client.get(TABS).json(), {"tabs": []})

    def test_a_course_that_isnt_in_the_catalogue_has_neither(self) -> None:
        roles.CourseStaffRole(factories.key(FREE)).add_users(self.staff)
        self.assertNotContains(self.client.get(f"/courses/{FREE}/instructor"), "token_payments")
        tabs = self.client.get(f"/api/instructor/v2/courses/{FREE}").json()["tabs"]
        self.assertEqual([tab["tab_id"] for tab in tabs], ["course_info"])

    @pytest.mark.skipif(
        not hasattr(filters, "InstructorDashboardTabsRequested"),
        reason="came with openedx-filters 3.4",
    )
    def test_the_newer_dashboard_has_a_tab_that_leads_to_our_page(self) -> None:
        tabs = self.client.get(TABS).json()["tabs"]
        self.assertEqual(
            tabs[-1],
            {
                "tab_id": "token_payments",
                "title": "Token payments",
                "url": f"http://localhost:8000{PAGE}",
                "sort_order": 95,
            },
        )
        self.assertEqual(self.client.get(PAGE).status_code, 200)

    @override_settings(TOKEN_PAYMENTS_ENABLED=False)
    def test_switched_off(self) -> None:
        self.assertNotContains(self.client.get(DASHBOARD), "token_payments")
        self.assertEqual(len(self.client.get(TABS).json()["tabs"]), 1)

    def test_a_crash_leaves_both_as_they_were(self) -> None:
        def break_the_transaction(*_args: Any) -> None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT * FROM no_such_table")

        found = mock.patch(
            "token_payments.checkout.queries.find_course_payments", break_the_transaction
        )
        with found, self.assertLogs("token_payments.lms.pipeline", "ERROR"):
            self.assertContains(self.client.get(DASHBOARD), "Course Info")
            self.assertEqual(len(self.client.get(TABS).json()["tabs"]), 1)
