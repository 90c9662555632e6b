"""Helpers of an order: named and removed by course admins as by its buyer."""

from django.core import mail
from django.test import override_settings
from django.utils import timezone

from tests import factories
from tests.admin.base import AdminCase
from token_payments.assignments import operations as assignment_operations
from token_payments.assignments import queries as assignment_queries


class HelperTests(AdminCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.manager = factories.make_user("manny", name="Manny Manager")
        cls.account = factories.make_account(managers=[cls.manager])
        cls.helper = factories.make_user("hal", name="Hal Helper")
        cls.order = factories.make_processed_order(cls.item, buyer=cls.buyer, account=cls.account)

    def setUp(self) -> None:
        super().setUp()
        self.url = self.order_page(self.order, "helpers")

    def add(self, user: str):
        return self.post(self.url, {"action": "add", "user": user})

    def helpers(self) -> list[str]:
        return list(self.order.delegates.values_list("user__username", flat=True))

    def test_without_helpers_it_says_so_and_names_the_managers(self) -> None:
        text = self.read(self.url)

        self.assertIn("Nobody helps with this order yet.", text)
        self.assertIn("Managers of Acme look after it as well: Manny Manager.", text)

    def test_a_helper_is_added_by_name_or_address_logged_and_told_once(self) -> None:
        answer = self.add(self.helper.email)

        self.assertContains(answer, "Hal Helper helps with this order now")
        self.assertEqual(self.helpers(), ["hal"])
        entry = self.order.log.first()
        self.assertEqual((entry.action, entry.actor), ("delegate_added", self.course_admin))
        self.assertEqual([sent.to for sent in mail.outbox], [[self.helper.email]])
        self.assertContains(self.add("hal"), "is a helper already")
        self.assertEqual(len(mail.outbox), 1)
        self.assertIn("Helper added", self.read(self.order_page(self.order, "log")))

    def test_who_does_everything_anyway_or_is_unknown_is_refused(self) -> None:
        for user, text in (
            ("buyer", "This is the buyer"),
            ("manny", "A manager of the account"),
            ("nobody", "Nobody has the user name"),
            ("", "This field is required"),
            ("a\0b", "Null characters"),
        ):
            self.assertContains(self.add(user), text)
        self.assertEqual(self.helpers(), [])

    def test_a_helper_is_removed_once(self) -> None:
        assignment_operations.add_delegate(
            self.order, self.helper, actor=self.buyer, now=timezone.now()
        )

        self.assertIn("Remove Hal Helper", self.read(self.url))
        remove = {"action": "remove", "user": self.helper.pk}
        self.assertContains(self.post(self.url, remove), "doesn&#x27;t see this order any more")
        self.assertEqual(self.helpers(), [])
        self.assertIsNone(assignment_queries.find_access(self.helper, self.order.pk))
        self.assertContains(self.post(self.url, remove), "isn&#x27;t a helper any more")
        self.assertEqual(self.order.log.filter(action="delegate_removed").count(), 1)

    def test_a_helper_of_another_order_is_not_removed_here(self) -> None:
        other = factories.make_order(self.item, buyer=self.buyer)
        assignment_operations.add_delegate(other, self.helper, actor=self.buyer, now=timezone.now())

        for user in (self.helper.pk, "x", "\0", 2**63, ""):
            self.post(self.url, {"action": "remove", "user": user})

        self.assertEqual(other.delegates.count(), 1)

    def test_a_viewer_sees_and_changes_nothing(self) -> None:
        assignment_operations.add_delegate(
            self.order, self.helper, actor=self.buyer, now=timezone.now()
        )
        self.sign_in("view_tokenorder")

        text = self.read(self.url)

        self.assertIn("Hal Helper", text)
        self.assertNotIn("Add a helper", text)
        for data in ({"action": "add", "user": "manny"}, {"action": "remove", "user": "1"}):
            self.assertEqual(self.client.post(self.url, data).status_code, 403)
        self.assertEqual(self.helpers(), ["hal"])

    @override_settings(TOKEN_PAYMENTS_ENABLED=False)
    def test_while_switched_off_nothing_changes(self) -> None:
        self.assertContains(self.add("hal"), "Token payments are switched off")
        self.assertEqual(self.helpers(), [])
