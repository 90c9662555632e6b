from django.utils import timezone

from tests import factories
from tests.admin.base import AdminCase, admin_url
from token_payments.models import EnrolmentSettings

ADD = "enrolmentsettings"
SETTINGS = ("add_enrolmentsettings", "view_enrolmentsettings")


class EnrolmentSettingsTests(AdminCase):
    def test_a_change_is_a_new_row_with_author_and_time(self) -> None:
        operator = self.sign_in(*SETTINGS)
        before = timezone.now()

        self.post(admin_url(ADD, "add"), {"override_allowed": "on", "default_method": "paid"})

        self.assertEqual(EnrolmentSettings.objects.count(), 2)
        row = EnrolmentSettings.objects.order_by("-change_date")[0]
        self.assertEqual((row.changed_by, row.default_method), (operator, "paid"))
        self.assertEqual((row.override_allowed, row.enabled), (True, False))
        self.assertGreaterEqual(row.change_date, before)
        self.assertEqual(EnrolmentSettings.current().default_method, "paid")

    def test_the_form_has_the_names_of_the_help_page_and_starts_from_what_is_in_force(self) -> None:
        self.sign_in(*SETTINGS)

        page = self.client.get(admin_url(ADD, "add"))

        for label in (
            "Self Enrolment Settings",
            "Allow Enrolment Method override per Catalogue Item",
            "Self-enrolment (Paid)",
            "Save Settings",
        ):
            self.assertContains(page, label)
        form = page.context["adminform"].form
        self.assertIs(form["override_allowed"].value(), True)
        self.assertIs(form["enabled"].value(), True)
        self.assertEqual(form["default_method"].value(), "free")

    def test_the_list_says_which_row_is_in_force(self) -> None:
        self.sign_in(*SETTINGS)
        factories.allow_paid(default_method="paid")

        page = self.client.get(admin_url(ADD, "changelist"))

        rows = list(page.context["cl"].result_list)
        in_force = [page.context["cl"].model_admin.in_force(row) for row in rows]
        self.assertEqual(in_force, [True, False])
        self.assertContains(page, "In force now")

    def test_items_that_a_change_gives_away_are_told(self) -> None:
        self.sign_in(*SETTINGS)
        factories.make_course("course-v1:Given+Away+2026", modes={"verified": 149})
        factories.make_item("course-v1:Given+Away+2026")
        row = {"enabled": "on", "default_method": "free"}

        told = self.client.post(admin_url(ADD, "add"), row, follow=True)
        silent = self.client.post(
            admin_url(ADD, "add"), {**row, "override_allowed": "on"}, follow=True
        )

        self.assertContains(told, "2 catalogue items ask for payment but are free now")
        self.assertNotContains(silent, "are free now")

    def test_a_row_that_is_kept_can_neither_be_changed_nor_deleted(self) -> None:
        self.sign_in(*SETTINGS, "change_enrolmentsettings", "delete_enrolmentsettings")
        row = EnrolmentSettings.objects.get()

        answers = [
            self.client.post(admin_url(ADD, "change", row.pk), {"default_method": "paid"}),
            self.client.post(admin_url(ADD, "delete", row.pk), {"post": "yes"}),
        ]

        self.assertEqual([answer.status_code for answer in answers], [403, 403])
        row.refresh_from_db()
        self.assertEqual(row.default_method, "free")

    def test_who_may_only_look_cannot_go_back_to_an_earlier_row(self) -> None:
        self.sign_in("view_enrolmentsettings")
        row = EnrolmentSettings.objects.get()

        self.post(admin_url(ADD, "changelist"), {"action": "revert", "_selected_action": [row.pk]})

        self.assertEqual(EnrolmentSettings.objects.count(), 1)

    def test_a_course_admin_has_no_access_to_the_settings(self) -> None:
        for page in ("changelist", "add"):
            self.assertEqual(self.client.get(admin_url(ADD, page)).status_code, 403)
