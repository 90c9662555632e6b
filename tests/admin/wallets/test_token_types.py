import ddt
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.admin.wallets.base import WalletCase, in_days, meanwhile
from token_payments.models import TokenPrice, TokenType
from token_payments.wallets import operations as wallet_operations

LIST = ("tokentype", "changelist")


@ddt.ddt
class TokenTypeTests(WalletCase):
    def list_names(self, **query: str) -> list[str]:
        answer = self.client.get(self.page(*LIST), query)
        return [row.name for row in answer.context["cl"].result_list]

    def test_a_type_is_added_with_its_period_and_its_author(self) -> None:
        data = {"name": "Bronze", "description": "For short courses", "redemption_days": "90"}
        self.client.post(self.page("tokentype", "add"), data)

        bronze = TokenType.objects.get(name="Bronze")
        self.assertEqual((bronze.description, bronze.redemption_days), (data["description"], 90))
        self.assertEqual(bronze.history.get().history_user, self.operator)

    def test_a_type_has_a_price_which_the_list_shows(self) -> None:
        data = {"name": "Bronze", "unit_price": "45.50", "currency": "gbp"}
        self.client.post(self.page("tokentype", "add"), data)

        bronze = TokenType.objects.get(name="Bronze")
        self.assertEqual((str(bronze.unit_price), bronze.currency), ("45.500", "GBP"))
        self.assertIn("£45.50", self.read(self.page(*LIST)))
        form = self.read(self.page("tokentype", "change", bronze.pk))
        self.assertIn('name="unit_price" value="45.50"', form)
        same = {**data, "currency": "GBP"}
        self.client.post(self.page("tokentype", "change", bronze.pk), same)
        self.assertEqual(bronze.history.count(), 1)

    @ddt.data(
        ({"unit_price": "5"}, "currency"),
        ({"currency": "GBP"}, "unit_price"),
        ({"unit_price": "5", "currency": "XXZ"}, "currency"),
        ({"unit_price": "-1", "currency": "GBP"}, "unit_price"),
        ({"unit_price": "5.125", "currency": "GBP"}, "unit_price"),
        ({"unit_price": "5.5", "currency": "JPY"}, "unit_price"),
        ({"unit_price": "5.1234", "currency": "KWD"}, "unit_price"),
        ({"name": "Gold"}, "name"),
        ({"name": ""}, "name"),
        ({"redemption_days": "0"}, "redemption_days"),
        ({"redemption_days": "-5"}, "redemption_days"),
        ({"redemption_days": "36501"}, "redemption_days"),
        ({"redemption_days": "9" * 40}, "redemption_days"),
    )
    @ddt.unpack
    def test_what_is_wrong_is_told_at_the_field(self, fields, field) -> None:
        answer = self.client.post(self.page("tokentype", "add"), {"name": "Bronze", **fields})

        self.assertEqual(list(answer.context["adminform"].form.errors), [field])
        self.assertEqual(TokenType.objects.count(), 2)

    def test_the_list_tells_periods_issues_and_what_can_still_be_spent(self) -> None:
        self.issue(10)
        self.issue(1200, expires_at=in_days(5))
        self.issue_expired(50)

        text = self.read(self.page(*LIST))

        for part in ("365 days", "Never expires"):
            self.assertIn(part, text)
        rows = {row.name: row for row in self.client.get(self.page(*LIST)).context["cl"].queryset}
        self.assertEqual((rows["Gold"].issue_count, rows["Gold"].usable), (3, 1210))
        self.assertEqual((rows["Silver"].issue_count, rows["Silver"].usable), (0, 0))

    def test_archived_types_are_hidden_until_asked_for(self) -> None:
        wallet_operations.archive_type(self.silver.pk, actor=self.operator)

        self.assertEqual(self.list_names(), ["Gold"])
        self.assertEqual(self.list_names(archived="shown"), ["Gold", "Silver"])
        self.assertEqual(self.list_names(archived="only"), ["Silver"])
        self.assertIn("Show archived", self.read(self.page(*LIST)))

    def test_archiving_asks_first_and_says_what_happens(self) -> None:
        self.issue(12)
        url = self.page("tokentype", "archive", self.gold.pk)

        text = self.read(url)

        self.assertIn("Archive Gold?", text)
        self.assertIn("The 12 Gold that accounts hold stay", text)
        self.gold.refresh_from_db()
        self.assertFalse(self.gold.is_archived)
        answer = self.client.post(url, follow=True)
        self.assertContains(answer, "Gold is archived")
        self.gold.refresh_from_db()
        self.assertTrue(self.gold.is_archived)
        self.assertEqual(self.gold.history.first().history_user, self.operator)
        self.client.post(self.page("tokentype", "restore", self.gold.pk))
        self.gold.refresh_from_db()
        self.assertFalse(self.gold.is_archived)

    def test_several_are_archived_and_restored_from_the_list(self) -> None:
        both = [self.gold.pk, self.silver.pk]
        for action, archived in (("archive_types", True), ("restore_types", False)):
            data = {"action": action, "_selected_action": both}
            answer = self.client.post(f"{self.page(*LIST)}?archived=shown", data, follow=True)
            self.assertContains(answer, "2 token types are")
            states = TokenType.objects.values_list("is_archived", flat=True)
            self.assertEqual(list(states), [archived, archived])

    def test_saving_the_form_restores_nothing_that_was_archived_meanwhile(self) -> None:
        url = self.page("tokentype", "change", self.gold.pk)
        with meanwhile(lambda: wallet_operations.archive_type(self.gold.pk, actor=self.operator)):
            self.client.post(url, {"name": "Golden", "redemption_days": "365"})

        self.gold.refresh_from_db()
        self.assertEqual((self.gold.name, self.gold.is_archived), ("Golden", True))

    def test_an_unused_type_is_deleted(self) -> None:
        url = self.page("tokentype", "delete", self.silver.pk)

        self.assertContains(self.client.get(url), "Silver")
        self.client.post(url, {"post": "yes"})

        self.assertEqual(list(TokenType.objects.all()), [self.gold])

    def test_a_type_in_use_is_kept_and_the_page_says_why(self) -> None:
        for _ in range(2):
            self.issue(5)
        factories.make_course("course-v1:Acme+FIRE+2026")
        item = factories.make_item("course-v1:Acme+FIRE+2026")
        TokenPrice.objects.create(item=item, token_type=self.gold, quantity=7)
        reason = "2 issues and 1 price use Gold. Archive it instead."
        url = self.page("tokentype", "delete", self.gold.pk)

        shown, refused = self.client.get(url), self.client.post(url, {"post": "yes"})

        self.assertContains(shown, reason)
        self.assertContains(shown, self.page("tokentype", "archive", self.gold.pk))
        self.assertContains(refused, reason, status_code=409)
        self.assertIn(reason, self.read(self.page("tokentype", "change", self.gold.pk)))
        self.assertTrue(TokenType.objects.filter(name="Gold").exists())

    def test_one_use_is_told_in_the_singular(self) -> None:
        self.issue(5)

        page = self.client.get(self.page("tokentype", "delete", self.gold.pk))

        self.assertContains(page, "1 issue uses Gold. Archive it instead.")

    def test_types_are_not_deleted_in_bulk(self) -> None:
        data = {"action": "delete_selected", "_selected_action": [self.silver.pk], "post": "yes"}
        self.client.post(self.page(*LIST), data)

        self.assertEqual(TokenType.objects.count(), 2)

    def test_an_earlier_version_is_shown_and_not_gone_back_to(self) -> None:
        wallet_operations.archive_type(self.gold.pk, actor=self.operator)
        first = self.gold.history.last().pk
        url = self.page("tokentype", "simple_history", self.gold.pk, first)

        self.assertEqual(self.client.get(url).status_code, 200)
        self.assertEqual(self.client.post(url, {"name": "Old"}).status_code, 403)

        self.gold.refresh_from_db()
        self.assertEqual((self.gold.name, self.gold.is_archived), ("Gold", True))

    @ddt.data("archive", "restore")
    def test_a_viewer_archives_nothing(self, page) -> None:
        self.sign_in("view_tokentype")
        before = self.facts()

        url = self.page("tokentype", page, self.gold.pk)
        statuses = [self.client.get(url).status_code, self.client.post(url).status_code]
        data = {"action": "archive_types", "_selected_action": [self.gold.pk]}
        self.client.post(self.page(*LIST), data)

        self.assertEqual(statuses, [403, 403])
        self.assertEqual(self.facts(), before)
        self.assertNotIn(url, self.read(self.page("tokentype", "change", self.gold.pk)))

    @override_settings(TOKEN_PAYMENTS_ENABLED=False)
    def test_while_switched_off_nothing_changes_and_a_notice_says_why(self) -> None:
        before = self.facts()
        for page in ("archive", "restore", "change"):
            answer = self.client.post(
                self.page("tokentype", page, self.gold.pk), {"name": "New"}, follow=True
            )
            self.assertContains(answer, "Token payments are switched off")
        self.assertContains(self.client.get(self.page(*LIST)), "Token payments are switched off")
        data = {"action": "archive_types", "_selected_action": [self.gold.pk]}
        self.client.post(self.page(*LIST), data)
        self.client.post(self.page("tokentype", "delete", self.silver.pk), {"post": "yes"})

        self.assertEqual(self.facts(), before)

    def test_the_list_takes_the_same_queries_for_many_types(self) -> None:
        def count() -> int:
            with CaptureQueriesContext(
                connection,
            ) as queries:
                self.client.get(self.page(*LIST))
            return len(queries)

        self.issue(1)
        count()
        few = count()
        for number in range(10):
            self.issue(3, factories.make_type(f"Type {number}"))
        self.assertEqual(count(), few)
