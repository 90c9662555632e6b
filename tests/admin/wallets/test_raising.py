from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import ddt
from django.test import override_settings
from freezegun import freeze_time

from tests import factories
from tests.admin.wallets.base import WalletCase
from token_payments.models import LedgerEntry, TokenIssue
from token_payments.wallets import operations as wallet_operations

LONDON = ZoneInfo("Europe/London")


@ddt.ddt
class RaisingTests(WalletCase):
    def setUp(self) -> None:
        super().setUp()
        self.url = self.page("tokenissue", "add")

    def fill_in(self, **fields):
        return {
            "idempotency_key": self.key(self.url),
            "account": "Acme",
            "token_type": self.gold.pk,
            "quantity": "10",
            **fields,
        }

    def send(self, **fields):
        return self.client.post(self.url, self.fill_in(**fields), follow=True)

    def test_tokens_are_issued_with_all_that_was_filled_in(self) -> None:
        self.send(unit_price="49.50", currency="gbp", reference="INV-7", reason="Framework deal")

        issue = TokenIssue.objects.get()
        self.assertEqual((issue.quantity, issue.remaining, issue.source), (10, 10, "manual"))
        self.assertEqual((issue.unit_price, issue.currency), (Decimal("49.50"), "GBP"))
        self.assertEqual((issue.wallet.account, issue.wallet.token_type), (self.acme, self.gold))
        entry = LedgerEntry.objects.get()
        self.assertEqual((entry.actor, entry.reason), (self.operator, "Framework deal"))
        self.assertEqual((entry.amount, issue.reference), (10, "INV-7"))

    @freeze_time("2026-11-22 12:00:00")
    def test_the_message_says_what_was_issued_and_until_when(self) -> None:
        with override_settings(TOKEN_PAYMENTS={"TIME_ZONE": "Europe/London"}):
            answer = self.send(quantity="1200")

        self.assertContains(answer, "1,200 Gold issued to Acme.")
        self.assertContains(answer, "2027, end of day Europe/London")
        issue = TokenIssue.objects.get()
        self.assertRedirects(answer, self.page("tokenissue", "change", issue.pk))

    @ddt.data(
        ("Europe/London", "2027-03-27", datetime(2027, 3, 28, 0, tzinfo=LONDON)),
        ("Europe/London", "2027-03-28", datetime(2027, 3, 28, 23, tzinfo=ZoneInfo("UTC"))),
        ("America/New_York", "2026-12-31", datetime(2027, 1, 1, 5, tzinfo=ZoneInfo("UTC"))),
        ("Asia/Kolkata", "2026-12-31", datetime(2026, 12, 31, 18, 30, tzinfo=ZoneInfo("UTC"))),
    )
    @ddt.unpack
    @freeze_time("2026-11-22 12:00:00")
    def test_a_day_means_its_end_in_the_sites_zone(self, zone, day, instant) -> None:
        with override_settings(TOKEN_PAYMENTS={"TIME_ZONE": zone}):
            self.send(expires_at=day)

        self.assertEqual(TokenIssue.objects.get().expires_at, instant)

    def test_a_form_that_is_sent_twice_issues_once(self) -> None:
        data = self.fill_in()

        for _ in range(2):
            answer = self.client.post(self.url, data, follow=True)
            self.assertContains(answer, "10 Gold issued to Acme")

        self.assertEqual(TokenIssue.objects.get().quantity, 10)

    def test_a_form_that_was_sent_and_then_changed_is_refused(self) -> None:
        data = self.fill_in()
        self.client.post(self.url, data)

        answer = self.client.post(self.url, {**data, "quantity": "11"})

        self.assertContains(answer, "saved before, with other content")
        self.assertEqual(TokenIssue.objects.get().quantity, 10)

    def test_each_opened_form_issues_by_itself(self) -> None:
        self.send()
        self.send()

        self.assertEqual(TokenIssue.objects.count(), 2)

    @ddt.data("", "a" * 32, "a" * 32 + ":forged", "\0")
    def test_a_key_of_ones_own_making_issues_nothing(self, key) -> None:
        answer = self.send(idempotency_key=key)

        self.assertContains(answer, "This form is incomplete")
        self.assertFalse(TokenIssue.objects.exists())

    @ddt.data(
        ({"account": "Nobody Ltd"}, "account", "No account has the name"),
        ({"account": ""}, "account", "required"),
        ({"account": "a\0b"}, "account", "Null characters"),
        ({"token_type": ""}, "token_type", "required"),
        ({"token_type": "999999"}, "token_type", "valid choice"),
        ({"token_type": "x\0"}, "token_type", "Null characters"),
        ({"quantity": "0"}, "quantity", "greater than or equal to 1"),
        ({"quantity": "-5"}, "quantity", "greater than or equal to 1"),
        ({"quantity": "10000001"}, "quantity", "less than or equal to 10000000"),
        ({"quantity": "9" * 5000}, "quantity", ""),
        ({"quantity": "1.5"}, "quantity", "whole number"),
        ({"expires_at": "2020-01-01"}, "expires_at", "This day is over"),
        ({"expires_at": "03/12/2030"}, "expires_at", "such as 2026-12-31"),
        ({"expires_at": "9999-12-31"}, "expires_at", "too late"),
        ({"currency": "GBP"}, "unit_price", "Enter the price too"),
        ({"unit_price": "5"}, "currency", "Enter the currency"),
        ({"unit_price": "5", "currency": "XQX"}, "currency", "“XQX” is not a currency"),
        ({"unit_price": "-1", "currency": "GBP"}, "unit_price", "greater than or equal to 0"),
        ({"reference": "x" * 129}, "reference", "at most 128"),
        ({"reason": "x" * 256}, "reason", "at most 255"),
    )
    @ddt.unpack
    def test_what_is_wrong_is_told_at_the_field(self, fields, field, text) -> None:
        answer = self.send(**fields)

        errors = answer.context["form"].errors
        self.assertEqual(list(errors), [field])
        self.assertIn(text, str(errors[field]))
        self.assertFalse(TokenIssue.objects.exists())

    def test_the_most_that_can_be_issued_at_once(self) -> None:
        self.send(quantity="10000000")

        self.assertEqual(TokenIssue.objects.get().remaining, 10_000_000)

    def test_an_archived_type_is_not_offered(self) -> None:
        wallet_operations.archive_type(self.silver.pk, actor=self.operator)

        self.assertNotContains(self.client.get(self.url), "Silver")
        self.assertTrue(self.send(token_type=self.silver.pk).context["form"].errors["token_type"])

    def test_a_frozen_account_is_told_at_the_field(self) -> None:
        wallet_operations.freeze_account(self.acme.pk, actor=self.operator)

        answer = self.send()

        self.assertIn("unfreeze it first", str(answer.context["form"].errors["account"]))
        self.assertFalse(TokenIssue.objects.exists())

    def test_a_link_fills_in_account_and_type_and_the_default_expiry_is_shown(self) -> None:
        with override_settings(TOKEN_PAYMENTS={"TIME_ZONE": "Europe/London"}):
            query = {"account": self.acme.pk, "token_type": self.gold.pk}
            page = self.client.get(self.url, query)

        form = page.context["form"]
        self.assertEqual(form["account"].value(), "Acme")
        self.assertEqual(form["token_type"].value(), self.gold.pk)
        self.assertRegex(form.default_expiry, r"^Expires .* \d{4}, end of day Europe/London$")
        self.assertContains(page, form.default_expiry)
        self.assertContains(page, 'data-expiry="Never expires"')

    @ddt.data("\0", "x", "9" * 40, "-1", "²")
    def test_a_link_to_nothing_fills_nothing_in(self, text) -> None:
        page = self.client.get(self.url, {"account": text, "token_type": text})

        self.assertEqual(page.context["form"]["account"].value(), "")
        self.assertEqual(page.context["form"].default_expiry, "")

    def test_an_account_is_found_by_its_customer_number(self) -> None:
        self.acme.reference = "C-17"
        self.acme.save()

        self.send(account="C-17")

        self.assertEqual(TokenIssue.objects.get().wallet.account, self.acme)

    def test_accounts_are_suggested_to_those_who_may_issue(self) -> None:
        factories.make_account("Other")
        url = self.page("tokenissue", "accounts")

        options = self.client.get(url, {"q": "acm"}).json()["options"]

        self.assertEqual([option["value"] for option in options], ["Acme"])
        self.sign_in("view_tokenissue", "change_tokenissue")  # may transfer to one of them
        self.assertEqual(self.client.get(url, {"q": "acm"}).status_code, 200)
        self.sign_in("view_tokenissue")
        self.assertEqual(self.client.get(url, {"q": "acm"}).status_code, 403)

    def test_when_the_settings_forbid_it_the_button_is_gone_and_the_address_says_why(self) -> None:
        self.issue(1)
        data = self.fill_in()
        self.forbid(manual_issues_allowed=False)

        shown, refused = self.client.get(self.url), self.client.post(self.url, data)

        self.assertContains(shown, "“Allow Manual Raising of Issues” is off")
        self.assertContains(refused, "“Allow Manual Raising of Issues” is off", status_code=403)
        for page in (
            self.page("tokenissue", "changelist"),
            self.page("account", "change", self.acme.pk),
            "/admin/",
        ):
            self.assertNotIn(self.url, self.read(page))
        self.assertEqual(TokenIssue.objects.count(), 1)

    def test_who_may_not_add_issues_raises_none(self) -> None:
        data = self.fill_in()
        self.sign_in("view_tokenissue", "change_tokenissue", "change_account")

        statuses = [self.client.get(self.url).status_code]
        statuses.append(self.client.post(self.url, data).status_code)

        self.assertEqual(statuses, [403, 403])
        self.assertFalse(TokenIssue.objects.exists())

    def test_who_may_only_add_issues_comes_back_to_the_form(self) -> None:
        self.sign_in("add_tokenissue")

        answer = self.send()

        self.assertContains(answer, "10 Gold issued to Acme")
        self.assertEqual(TokenIssue.objects.count(), 1)

    def test_while_switched_off_nothing_is_issued(self) -> None:
        data = self.fill_in()
        with override_settings(TOKEN_PAYMENTS_ENABLED=False):
            shown, refused = self.client.get(self.url), self.client.post(self.url, data)

        self.assertContains(shown, "Token payments are switched off")
        self.assertEqual(refused.status_code, 403)
        self.assertFalse(TokenIssue.objects.exists())
