from tests.admin.wallets.base import WalletCase
from token_payments.models import TokenSettings

SETTINGS = ("add_tokensettings", "view_tokensettings")


class TokenSettingsTests(WalletCase):
    def test_a_change_is_a_new_row_with_its_author_and_counts_at_once(self) -> None:
        operator = self.sign_in(*SETTINGS)

        self.client.post(self.page("tokensettings", "add"), {"adjustments_allowed": "on"})

        row = TokenSettings.objects.get()
        self.assertEqual((row.manual_issues_allowed, row.adjustments_allowed), (False, True))
        self.assertEqual(row.changed_by, operator)
        self.assertIs(TokenSettings.current().manual_issues_allowed, False)

    def test_managers_are_allowed_to_transfer_on_the_page(self) -> None:
        self.sign_in(*SETTINGS)
        page = self.page("tokensettings", "add")
        self.assertContains(self.client.get(page), "Allow managers to transfer tokens")
        self.client.post(page, {"transfers_allowed": "on"})
        self.assertIs(TokenSettings.current().transfers_allowed, True)

    def test_the_list_says_what_is_in_force_before_and_after_the_first_change(self) -> None:
        self.sign_in(*SETTINGS)
        url = self.page("tokensettings", "changelist")

        self.assertIn("Nothing has been set yet", self.read(url))
        self.forbid(adjustments_allowed=False)
        page = self.client.get(url)

        self.assertContains(page, "Allow Manual Raising of Issues")
        self.assertEqual(
            [str(value) for _, value in page.context["facts"]], ["on", "off", "off", "0"]
        )

    def test_the_form_starts_from_what_is_in_force(self) -> None:
        self.sign_in(*SETTINGS)
        self.forbid(adjustments_allowed=False)

        form = self.client.get(self.page("tokensettings", "add")).context["adminform"].form

        self.assertIs(form["manual_issues_allowed"].value(), True)
        self.assertIs(form["adjustments_allowed"].value(), False)

    def test_a_row_that_is_kept_can_neither_be_changed_nor_deleted(self) -> None:
        self.sign_in(*SETTINGS, "change_tokensettings", "delete_tokensettings")
        self.forbid(adjustments_allowed=False)
        row = TokenSettings.objects.get()

        statuses = [
            self.client.post(self.page("tokensettings", page, row.pk), {"post": "yes"}).status_code
            for page in ("change", "delete")
        ]

        self.assertEqual(statuses, [403, 403])
        self.assertEqual(TokenSettings.objects.count(), 1)

    def test_who_may_only_look_changes_nothing(self) -> None:
        self.sign_in("view_tokensettings")

        answer = self.client.post(self.page("tokensettings", "add"), {"adjustments_allowed": "on"})

        self.assertEqual(answer.status_code, 403)
        self.assertFalse(TokenSettings.objects.exists())
