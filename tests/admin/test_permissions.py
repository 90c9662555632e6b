"""Who may open what: a table of pages and permissions, on GET and on POST."""

import ddt
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.admin.base import COURSE_ADMIN, AdminCase, admin_url
from token_payments.models import Redemption, TokenOrder
from token_payments.orders import queries as order_queries

VIEWING = ("change", "tokens", "cancellations", "log", "progress")
ACTING = (
    "finish_processing",
    "resume",
    "cancel",
    "reveal",
    "download",
    "email_tokens",
    "cancel_tokens",
)
VIEWER = ("view_tokenorder", "view_catalogueitem", "view_redemption")


@ddt.ddt
class OrderPermissionTests(AdminCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.order = factories.make_processed_order(cls.item, buyer=cls.buyer)
        cls.requested = factories.make_order(cls.item, buyer=cls.buyer)

    def assert_nothing_happened(self) -> None:
        counts = order_queries.count_codes(self.order)
        self.assertEqual((counts.available, counts.total), (3, 3))
        statuses = list(TokenOrder.objects.order_by("pk").values_list("status", flat=True))
        self.assertEqual(statuses, ["processed", "requested"])
        looks = ("codes_revealed", "codes_downloaded", "codes_mailed")
        self.assertFalse(self.order.log.filter(action__in=looks).exists())

    @ddt.data(*VIEWING)
    def test_a_viewer_sees(self, page) -> None:
        self.sign_in(*VIEWER)

        self.assertEqual(self.client.get(self.order_page(self.order, page)).status_code, 200)

    @ddt.data(*ACTING)
    def test_a_viewer_can_do_nothing(self, page) -> None:
        self.sign_in(*VIEWER)

        for order in (self.order, self.requested):
            for method in (self.client.get, self.client.post):
                answer = method(self.order_page(order, page))
                self.assertEqual(answer.status_code, 403)
        self.assert_nothing_happened()

    def test_a_viewer_is_offered_nothing_to_do(self) -> None:
        self.sign_in(*VIEWER)

        for order in (self.order, self.requested):
            for page in ("change", "tokens"):
                text = self.read(self.order_page(order, page))
                for label in ("Reveal", "Download CSV", "Cancel Tokens<", "Change</summary>"):
                    self.assertNotIn(label, text)
        self.assertEqual(self.client.get(admin_url("tokenorder", "add")).status_code, 403)
        answer = self.client.post(self.order_page(self.requested), {"quantity": "9"})
        self.assertEqual(answer.status_code, 403)

    @ddt.data(*VIEWING, *ACTING, "tokens_search")
    def test_staff_without_permissions_see_and_do_nothing(self, page) -> None:
        self.sign_in("view_catalogueitem")

        for method in (self.client.get, self.client.post):
            self.assertEqual(method(self.order_page(self.order, page)).status_code, 403)
        self.assert_nothing_happened()

    @ddt.data(*VIEWING, *ACTING)
    def test_the_buyer_and_strangers_have_no_access_to_the_admin(self, page) -> None:
        for user in (self.buyer, None):
            self.client.logout()
            if user:
                self.client.force_login(user)
            for method in (self.client.get, self.client.post):
                answer = method(self.order_page(self.order, page))
                self.assertEqual(answer.status_code, 302)
                self.assertIn("/login/", answer["Location"])
        self.assert_nothing_happened()

    @ddt.data("finish_processing", "cancel", "email_tokens", "cancel_tokens")
    def test_a_course_admin_is_asked_before_anything_happens(self, page) -> None:
        order = self.requested if page == "finish_processing" else self.order

        self.assertEqual(self.client.get(self.order_page(order, page)).status_code, 200)
        self.assert_nothing_happened()

    def test_a_course_admin_needs_no_more_than_the_orders_permissions(self) -> None:
        self.sign_in(*COURSE_ADMIN)

        self.post(self.order_page(self.requested, "finish_processing"))

        self.requested.refresh_from_db()
        self.assertEqual(self.requested.status, "processed")

    @ddt.data(*ACTING)
    @override_settings(TOKEN_PAYMENTS_ENABLED=False)
    def test_while_switched_off_nothing_can_be_done_and_a_notice_says_why(self, page) -> None:
        for order in (self.order, self.requested):
            answer = self.post(self.order_page(order, page))
            self.assertRedirects(answer, self.order_page(order))
            self.assertContains(answer, "Token payments are switched off")
        self.assert_nothing_happened()

    @override_settings(TOKEN_PAYMENTS_ENABLED=False)
    def test_while_switched_off_everything_stays_visible(self) -> None:
        for page in VIEWING:
            self.assertEqual(self.client.get(self.order_page(self.order, page)).status_code, 200)
        text = self.read(admin_url("tokenorder", "changelist"))
        self.assertIn("Token payments are switched off", text)
        self.assertIn(self.order.number, text)
        self.assertNotIn('name="quantity"', self.read(self.order_page(self.requested)))
        self.assertEqual(self.client.get(admin_url("tokenorder", "add")).status_code, 403)

    def test_orders_cannot_be_deleted_even_by_a_superuser(self) -> None:
        root = factories.make_user("root", is_staff=True, is_superuser=True)
        self.client.force_login(root)

        answer = self.client.post(self.order_page(self.requested, "delete"), {"post": "yes"})

        self.assertEqual(answer.status_code, 403)
        self.assertEqual(TokenOrder.objects.count(), 2)

    def test_an_unknown_order_is_not_found(self) -> None:
        for page in ("tokens", "cancel"):
            url = admin_url("tokenorder", page, 999999)
            self.assertEqual(self.client.get(url).status_code, 404)


class RedemptionAdminTests(AdminCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.order = factories.make_processed_order(cls.item, buyer=cls.buyer)
        cls.code = factories.list_codes(cls.order)[0]
        learner = factories.make_user("lee", name="Lee Learner")
        cls.redemption = factories.redeem(learner, cls.item, cls.code)

    def setUp(self) -> None:
        super().setUp()
        self.sign_in("view_redemption")

    def test_the_list_is_searchable_and_shows_no_more_than_the_last_four(self) -> None:
        url = admin_url("redemption", "changelist")
        for text in ("Lee Learner", "lee@example", "Fire", self.code[-4:]):
            page = self.client.get(url, {"q": text})
            self.assertContains(page, "Lee Learner")
            self.assertContains(page, f"…{self.code[-4:]}")
            self.assertNotContains(page, self.code)
        self.assertEqual(self.client.get(url, {"q": "nobody"}).context["cl"].result_count, 0)

    def test_it_can_only_be_looked_at(self) -> None:
        url = admin_url("redemption", "change", self.redemption.pk)

        self.assertContains(self.client.get(url), "Completed")
        root = factories.make_user("root", is_staff=True, is_superuser=True)
        self.client.force_login(root)
        delete = admin_url("redemption", "delete", self.redemption.pk)
        for answer in (
            self.client.post(url, {"state": "reversed"}),
            self.client.post(delete, {"post": "yes"}),
            self.client.get(admin_url("redemption", "add")),
        ):
            self.assertEqual(answer.status_code, 403)
        self.assertEqual(Redemption.objects.get().state, "completed")

    def test_more_redemptions_take_no_more_queries(self) -> None:
        url = admin_url("redemption", "changelist")
        self.read(url)
        with CaptureQueriesContext(connection) as few:
            self.read(url)
        for number, code in enumerate(factories.list_codes(self.order)[1:]):
            factories.redeem(factories.make_user(f"more{number}"), self.item, code)

        with self.assertNumQueries(len(few)):
            self.read(url)
