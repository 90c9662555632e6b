import ddt

from tests import factories
from tests.admin.base import COURSE, AdminCase, admin_url
from token_payments.models import CatalogueItem, EnrolmentSettings

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
