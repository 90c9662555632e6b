import ddt
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.admin.base import COURSE, AdminCase, admin_url
from token_payments.catalogue import operations as catalogue_operations
from token_payments.catalogue import queries as catalogue_queries
from token_payments.models import CatalogueItem, EnrolmentSettings
from token_payments.wallets import operations as wallet_operations

ITEMS = (
    "add_catalogueitem",
    "change_catalogueitem",
    "view_catalogueitem",
    "delete_catalogueitem",
)
OTHER = "course-v1:Acme+AID+2026"
FREE = "course-v1:Acme+FREE+2026"


@ddt.ddt
class CatalogueItemTests(AdminCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        factories.make_course(OTHER, display_name="First Aid")
        factories.make_course(FREE, modes={"audit": 0}, display_name="Fresh Air")

    def setUp(self) -> None:
        super().setUp()
        self.operator = self.sign_in(*ITEMS)

    def save(self, **fields: str):
        data = {
            "item_key": OTHER,
            "enrolment_method": "paid",
            "payment_methods": "token_code",
            **fields,
        }
        return self.post(admin_url("catalogueitem", "add"), data)

    def test_an_item_is_saved_with_its_payment_methods_and_the_courses_title(self) -> None:
        self.save(price="49", currency="gbp")

        item = CatalogueItem.objects.get(item_key=OTHER)
        self.assertEqual((item.title, item.currency), ("First Aid", "GBP"))
        self.assertEqual([row.method for row in item.payment_methods.all()], ["token_code"])
        version = item.history.get()
        self.assertEqual(version.history_user, self.operator)
        self.assertEqual(version.history_change_reason, "Payment methods: token_code")

    @ddt.data(
        ({"item_key": "course-v1:No+Such+Run"}, "item_key", "no course “course-v1:No+Such+Run”"),
        ({"item_key": "rubbish"}, "item_key", "no course “rubbish”"),
        ({"item_key": COURSE}, "item_key", "already exists"),
        ({"payment_methods": []}, "payment_methods", "at least one payment method"),
        ({"payment_methods": "gold"}, "payment_methods", "Select a valid choice"),
        ({"price": "5", "currency": "XQX"}, "currency", "“XQX” is not a currency"),
        ({"price": "-1", "currency": "GBP"}, "price", "greater than or equal to 0"),
        ({"course_mode": "honor"}, "course_mode", "It has: audit, verified."),
        ({"item_key": FREE}, "price", "Enter a price"),
        ({"item_key": FREE, "price": "5"}, "course_mode", "no paid mode"),
        ({"seats": "-1"}, "seats", "greater than or equal to 0"),
    )
    @ddt.unpack
    def test_what_is_wrong_is_told_at_the_field(self, fields, field, text) -> None:
        answer = self.save(**fields)

        errors = answer.context["adminform"].form.errors
        self.assertEqual(list(errors), [field])
        self.assertIn(text, str(errors[field]).replace("&#x27;", "'"))
        self.assertEqual(CatalogueItem.objects.count(), 1)

    def test_without_override_the_own_method_is_shown_but_neither_counts_nor_changes(self) -> None:
        self.sign_in(*ITEMS, "view_enrolmentsettings")
        EnrolmentSettings.objects.create(enabled=True, default_method="free")
        url = admin_url("catalogueitem", "change", self.item.pk)

        page = self.client.get(url)

        self.assertContains(page, "This does not count now")
        self.assertContains(page, admin_url("enrolmentsettings", "changelist"))
        self.assertContains(page, "The item is free")
        form = page.context["adminform"].form
        self.assertEqual(form["enrolment_method"].value(), "paid")
        self.assertTrue(form.fields["enrolment_method"].disabled)
        self.post(url, {"enrolment_method": "free", "payment_methods": "token_code"})
        self.item.refresh_from_db()
        self.assertEqual(self.item.enrolment_method, "paid")

    def test_who_may_not_see_the_settings_gets_no_link_to_them(self) -> None:
        EnrolmentSettings.objects.create(enabled=True)

        page = self.client.get(admin_url("catalogueitem", "change", self.item.pk))

        self.assertContains(page, "This does not count now")
        self.assertNotContains(page, admin_url("enrolmentsettings", "changelist"))

    def test_the_page_tells_what_learners_are_offered_and_the_seats(self) -> None:
        self.item.seats = 3
        self.item.save()
        order = factories.make_processed_order(self.item, buyer=self.buyer)
        learner = factories.make_user("lee")
        factories.redeem(learner, self.item, factories.list_codes(order)[0])

        page = self.client.get(admin_url("catalogueitem", "change", self.item.pk))

        offer = page.context["offer"]
        self.assertEqual((offer["seats_taken"], offer["seats_left"]), (1, 2))
        self.assertEqual(
            (offer["price"], offer["mode"], offer["obstacle"]), ("£149.00", "verified", "")
        )
        self.assertEqual([mode["slug"] for mode in offer["modes"]], ["audit", "verified"])

    def test_the_course_of_an_item_stays(self) -> None:
        self.post(
            admin_url("catalogueitem", "change", self.item.pk),
            {"item_key": OTHER, "enrolment_method": "paid", "payment_methods": "token_code"},
        )

        self.item.refresh_from_db()
        self.assertEqual(self.item.item_key, COURSE)

    def test_courses_are_suggested_to_those_who_fill_in_the_form(self) -> None:
        url = admin_url("catalogueitem", "courses")

        options = self.client.get(url, {"q": "first"}).json()["options"]

        self.assertEqual(options, [{"value": OTHER, "label": "First Aid"}])
        self.assertEqual(self.client.get(url, {"q": "f"}).json()["options"], [])
        self.client.force_login(self.course_admin)
        self.assertEqual(self.client.get(url, {"q": "first"}).status_code, 403)

    def test_an_item_in_use_cannot_be_deleted(self) -> None:
        factories.make_order(self.item, buyer=self.buyer)
        unused = factories.make_item(OTHER)

        answers = [
            self.client.post(admin_url("catalogueitem", "delete", item.pk), {"post": "yes"})
            for item in (self.item, unused)
        ]

        self.assertEqual([answer.status_code for answer in answers], [403, 302])
        self.assertEqual(list(CatalogueItem.objects.all()), [self.item])

    def test_a_viewer_sees_list_item_and_history_but_saves_nothing(self) -> None:
        self.sign_in("view_catalogueitem")
        url = admin_url("catalogueitem", "change", self.item.pk)

        for address in (admin_url("catalogueitem", "changelist"), url, f"{url[:-7]}history/"):
            self.assertEqual(self.client.get(address).status_code, 200, address)
        self.assertEqual(self.client.post(url, {"seats": "1"}).status_code, 403)


@ddt.ddt
class TokenPriceTests(AdminCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.gold, cls.silver = factories.make_type("Gold"), factories.make_type("Silver")
        factories.make_course(FREE, modes={"honor": 0}, display_name="Fresh Air")

    def setUp(self) -> None:
        super().setUp()
        self.operator = self.sign_in(*ITEMS)
        self.url = admin_url("catalogueitem", "change", self.item.pk)

    def save(self, gold: str = "", silver: str = "", methods=("token_code", "wallet"), **fields):
        data = {
            "enrolment_method": "paid",
            "payment_methods": methods,
            f"token_prices_{self.gold.pk}": gold,
            f"token_prices_{self.silver.pk}": silver,
            **fields,
        }
        return self.post(self.url, data)

    def list_prices(self) -> dict[str, int]:
        return {
            str(row.token_type): row.quantity
            for row in catalogue_queries.list_token_prices(self.item)
        }

    def test_prices_are_added_changed_and_removed(self) -> None:
        self.save(gold="7")
        self.assertEqual(self.list_prices(), {"Gold": 7})
        self.save(gold="8", silver=" 20 ")
        self.assertEqual(self.list_prices(), {"Gold": 8, "Silver": 20})
        self.save(silver="20")
        self.assertEqual(self.list_prices(), {"Silver": 20})

    def test_the_history_notes_the_prices_when_they_changed(self) -> None:
        self.save(gold="7", silver="20")
        self.save(gold="7", silver="20", seats="5")

        reasons = list(self.item.history.values_list("history_change_reason", flat=True))
        methods = "Payment methods: token_code, wallet"
        self.assertEqual(reasons[0], methods)
        self.assertEqual(reasons[1], f"Price in tokens: 7 Gold or 20 Silver. {methods}")

    def test_a_long_reason_is_cut_to_what_the_history_holds(self) -> None:
        types = [factories.make_type(f"A type with quite a long name {n}") for n in range(5)]

        self.save(**{f"token_prices_{each.pk}": "7" for each in types})

        self.assertEqual(len(self.list_prices()), 5)
        self.assertEqual(len(self.item.history.first().history_change_reason), 100)

    @ddt.data(
        ({}, "Enter a price in tokens"),
        ({"gold": "0"}, "Gold: enter a whole number from 1"),
        ({"gold": "-1"}, "Gold: enter a whole number from 1"),
        ({"silver": "1.5"}, "Silver: enter a whole number from 1"),
        ({"silver": "9" * 50}, "Silver: enter a whole number from 1"),
        ({"gold": "10000001"}, "Gold: enter a whole number from 1 to 10,000,000"),
        ({"gold": "a\0"}, "Gold: enter a whole number"),
    )
    @ddt.unpack
    def test_what_is_wrong_is_told_at_the_field_and_what_was_entered_stays(
        self, prices, text
    ) -> None:
        answer = self.save(**prices)

        form = answer.context["adminform"].form
        self.assertEqual(list(form.errors), ["token_prices"])
        self.assertIn(text, str(form.errors["token_prices"]))
        for name, entered in prices.items():
            pk = {"gold": self.gold, "silver": self.silver}[name].pk
            self.assertEqual(form["token_prices"].value()[pk], entered)
        self.assertEqual(self.list_prices(), {})

    def test_an_archived_type_is_offered_only_where_it_has_a_price(self) -> None:
        self.save(gold="7", silver="20")
        for each in (self.gold, self.silver):
            wallet_operations.archive_type(each.pk, actor=self.operator)

        page = self.client.get(self.url)

        self.assertContains(page, "(archived)", count=2)
        self.assertNotContains(self.client.get(admin_url("catalogueitem", "add")), "Gold")
        kept = self.save(gold="7", seats="3")
        self.assertEqual(self.list_prices(), {"Gold": 7}, kept)
        answer = self.save(gold="9")
        self.assertIn(
            "archived token type gets no new price",
            str(answer.context["adminform"].form.errors["token_prices"]),
        )
        self.assertEqual(self.list_prices(), {"Gold": 7})

    def test_an_item_of_a_course_without_a_price_is_sold_for_tokens_alone(self) -> None:
        data = {
            "item_key": FREE,
            "enrolment_method": "paid",
            "payment_methods": "wallet",
            "course_mode": "honor",
            f"token_prices_{self.gold.pk}": "3",
        }
        self.post(admin_url("catalogueitem", "add"), data)
        item = CatalogueItem.objects.get(item_key=FREE)

        page = self.client.get(admin_url("catalogueitem", "change", item.pk))

        offer = page.context["offer"]
        self.assertEqual((offer["price"], offer["token_prices"]), ("", "3 Gold"))
        self.assertContains(page, "Training tokens")
        self.assertNotContains(page, "Price per seat")

    def test_the_list_shows_the_prices_in_constant_queries(self) -> None:
        def count() -> int:
            with CaptureQueriesContext(connection) as queries:
                self.client.get(admin_url("catalogueitem", "changelist"))
            return len(queries)

        self.save(gold="7", silver="20")
        self.assertIn("7 Gold or 20 Silver", self.read(admin_url("catalogueitem", "changelist")))
        few = count()
        for number in range(8):
            key = f"course-v1:Acme+MORE{number}+2026"
            factories.make_course(key)
            item = factories.make_item(key)
            catalogue_operations.save_item(
                item, methods=["wallet"], token_prices={self.gold: 2, self.silver: 5}
            )
        self.assertEqual(count(), few)

    def test_a_viewer_sees_the_prices_and_changes_none(self) -> None:
        self.save(gold="7")
        self.sign_in("view_catalogueitem")

        self.assertIn("7 Gold", self.read(self.url))
        self.assertEqual(self.save(gold="1").status_code, 403)
        self.assertEqual(self.list_prices(), {"Gold": 7})
