"""Loading from a file in the admin: choose, review, confirm, report."""

from __future__ import annotations

import csv
import re
from html import unescape
from io import StringIO
from typing import Any
from unittest import mock

import ddt
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings

from tests import factories
from tests.admin.base import COURSE, AdminCase, admin_url
from tests.concurrency import assert_healthy
from token_payments.models import Account, AccountMember, CatalogueItem, TokenIssue

ACCOUNTS = admin_url("account", "load")
MEMBERS = admin_url("account", "load_members")
ISSUES = admin_url("tokenissue", "load")
PRICES = admin_url("catalogueitem", "load")
HEAD = "reference,account,token_type,quantity\n"


@ddt.ddt
class LoadingTests(AdminCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.gold = factories.make_type("Gold")
        cls.acme = factories.make_account("Acme")

    def setUp(self) -> None:
        everything = ("add_account", "change_account", "view_account", "add_tokenissue")
        self.user = self.sign_in(*everything, "view_tokenissue", "change_catalogueitem")

    def choose(self, url: str, content: bytes | str, **fields: Any) -> str:
        data = content.encode() if isinstance(content, str) else content
        file = SimpleUploadedFile("my accounts.csv", data)
        return self.send(url, file=file, **fields)

    def send(self, url: str, **fields: Any) -> str:
        answer = self.client.post(url, fields)
        self.assertEqual(answer.status_code, 200)
        return answer.content.decode()

    def find_packed(self, text: str) -> str:
        [packed] = re.findall(r'name="packed" value="([^"]+)"', text)[:1]
        return unescape(packed)

    def confirm(self, url: str, review: str, *, mode: str = "together", **fields: Any) -> str:
        packed = self.find_packed(review)
        return self.send(url, packed=packed, mode=mode, confirm="1", **fields)

    # --- The steps --------------------------------------------------------------------------------
    def test_the_first_page_says_what_a_file_needs(self) -> None:
        text = self.read(ISSUES)
        for part in ("Load from a file: Token issues", "10,000 rows", "<code>token_type</code>"):
            self.assertIn(part, text)

    def test_the_template_can_be_loaded(self) -> None:
        answer = self.client.get(ACCOUNTS, {"template": 1})
        self.assertEqual(answer["Content-Disposition"], 'attachment; filename="accounts.csv"')
        self.assertIn("Will be added", self.choose(ACCOUNTS, answer.content))

    def test_the_review_changes_nothing_and_shows_what_would(self) -> None:
        text = self.choose(ACCOUNTS, "name,reference\nAcme,C-1\nBeta,\nBeta,\n")
        for part in ("my accounts.csv", "Will be changed", "Will be added", "Row 3 has this"):
            self.assertIn(part, text)
        self.assertEqual(Account.objects.count(), 1)
        # the errors come first, and with one only row by row is offered
        self.assertEqual(re.findall(r'aria-pressed="true">(\w+)', text), ["Error"])
        self.assertNotIn('value="together"', text)

    def test_it_is_loaded_as_it_was_reviewed(self) -> None:
        review = self.choose(ACCOUNTS, "name,reference\nAcme,C-1\nBeta,\n")
        text = self.confirm(ACCOUNTS, review, reason="Contracts of May")
        self.assertIn("The file is loaded.", text)
        self.assertEqual(set(Account.objects.values_list("name", "reference")),
                         {("Acme", "C-1"), ("Beta", None)})  # fmt: skip
        last = Account.objects.get(name="Beta").history.get()
        self.assertEqual((last.history_user, last.history_change_reason),
                         (self.user, "Contracts of May"))  # fmt: skip
        # sent again, as by a second click or a reload, it does nothing more
        self.assertIn("Unchanged", self.confirm(ACCOUNTS, review))
        self.assertEqual(Account.objects.get(name="Beta").history.count(), 1)

    def test_without_a_reason_the_files_name_is_kept(self) -> None:
        self.confirm(ACCOUNTS, self.choose(ACCOUNTS, "name\nBeta\n"))
        last = Account.objects.get(name="Beta").history.get()
        self.assertEqual(last.history_change_reason, "Loaded from my accounts.csv")

    def test_members_issues_and_prices(self) -> None:
        self.confirm(MEMBERS, self.choose(MEMBERS, "account,user,role\nAcme,buyer,manager\n"))
        self.assertEqual(AccountMember.objects.get().role, "manager")
        self.confirm(ISSUES, self.choose(ISSUES, HEAD + "INV-1,Acme,Gold,7\n"))
        self.assertEqual(TokenIssue.objects.get().quantity, 7)
        self.confirm(PRICES, self.choose(PRICES, f"course,price,currency\n{COURSE},99,GBP\n"))
        self.assertEqual(CatalogueItem.objects.get().price, 99)
        assert_healthy()

    def test_what_was_found_since_the_review_counts(self) -> None:
        review = self.choose(ISSUES, HEAD + "R-1,Acme,Gold,7\nR-2,Acme,Gold,8\n")
        Account.objects.update(is_frozen=True)
        text = self.confirm(ISSUES, review)
        self.assertIn("Nothing was loaded", text)
        self.assertIn("“Acme” is frozen", text)
        self.assertFalse(TokenIssue.objects.exists())

    def test_the_report_is_a_download(self) -> None:
        review = self.choose(ACCOUNTS, 'name,reference\n=1+1,C-7\n"",C-8\n')
        text = self.confirm(ACCOUNTS, review, mode="each")
        [report] = re.findall(r'name="report" value="([^"]+)"', text)
        answer = self.client.post(ACCOUNTS, {"report": unescape(report)})
        rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
        self.assertEqual(rows[1][:3], ["2", "Added", "'=1+1"])
        self.assertEqual(rows[2][:4], ["3", "Error", "C-8", "name"])
        self.assertEqual(self.client.post(ACCOUNTS, {"report": report + "x"}).status_code, 403)

    def test_the_verdicts_are_a_download_and_have_a_filter(self) -> None:
        content = "name\n" + "".join(f"Account {number}\n" for number in range(250)) + '""\n'
        review = self.choose(ACCOUNTS, content + "Acme\n")
        packed = self.find_packed(review)
        answer = self.client.post(ACCOUNTS, {"packed": packed, "download": "1"})
        self.assertEqual(len(answer.content.decode().splitlines()), 1 + 251)
        text = self.send(ACCOUNTS, packed=packed, show="create", page="3", reason="Mine")
        self.assertIn("Account 249", text)
        self.assertNotIn("Account 199<", text)
        self.assertIn("Page 3 of 3", text)
        self.assertIn('value="Mine"', text)
        for odd in ({"show": "x"}, {"page": "99999999999"}, {"page": "-1"}):
            self.send(ACCOUNTS, packed=packed, **odd)

    # --- Bounds -----------------------------------------------------------------------------------
    def test_it_goes_on_where_the_time_of_a_request_ended(self) -> None:
        review = self.choose(ISSUES, HEAD + "".join(f"R-{n},Acme,Gold,1\n" for n in range(9)))
        with mock.patch("token_payments.admin.loading_page.SECONDS", -1):
            text = self.confirm(ISSUES, review, mode="each", reason="Late")
        self.assertIn("Rows that are left: 8.", text)
        self.assertEqual(TokenIssue.objects.count(), 1)
        text = self.confirm(ISSUES, text, mode="each")
        self.assertIn("The file is loaded.", text)
        self.assertEqual(TokenIssue.objects.count(), 9)

    def test_all_or_nothing_has_a_limit(self) -> None:
        review = self.choose(ACCOUNTS, "name\nBeta\nGamma\n")
        with mock.patch("token_payments.admin.loading_page.MAX_TOGETHER", 1):
            text = self.confirm(ACCOUNTS, review)
            self.assertIn("token_payments_load", text)
            self.assertNotIn('value="together"', self.choose(ACCOUNTS, "name\nBeta\nGamma\n"))
        self.assertEqual(Account.objects.count(), 1)

    @override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=70_000)
    def test_what_the_page_cant_carry_is_for_the_command(self) -> None:
        import random

        noise = "".join(f"{random.random()}\n" for _ in range(2000))
        self.assertIn("with the command", self.choose(ACCOUNTS, "name\n" + noise))

    @ddt.data(
        (b"", "The submitted file is empty."),
        (b"x" * (2 * 1024 * 1024 + 1), "too large for this page"),
        (b"colour\nred\n", "There is no column"),
        (b"name\n" + b"Acme\n" * 10_001, "more than 10,000 rows"),
    )
    @ddt.unpack
    def test_a_file_that_cant_be_taken_is_told_at_its_field(self, content, part) -> None:
        self.assertIn(part, self.choose(ACCOUNTS, content))

    def test_no_file_and_a_page_that_somebody_changed(self) -> None:
        self.assertIn("Choose a file.", self.send(ACCOUNTS))
        packed = self.find_packed(self.choose(ACCOUNTS, "name\nBeta\n"))
        for other in ("x", packed[:-2], packed[1:], packed.replace(":", "")):
            text = self.send(ACCOUNTS, packed=other, mode="each", confirm="1")
            self.assertIn("choose the file once more", text)
        # nor is it anything for another kind of file, or for somebody else
        self.assertIn("once more", self.send(MEMBERS, packed=packed, mode="each", confirm="1"))
        self.sign_in("add_account")
        self.assertIn("once more", self.send(ACCOUNTS, packed=packed, mode="each", confirm="1"))
        self.assertEqual(Account.objects.count(), 1)

    # --- Who --------------------------------------------------------------------------------------
    def test_who_may_only_change_adds_nothing(self) -> None:
        self.sign_in("change_account")
        text = self.choose(ACCOUNTS, "name,reference\nAcme,C-1\nBeta,\n")
        self.assertIn("but not add anything", text)
        self.confirm(ACCOUNTS, text, mode="each")
        self.assertEqual(Account.objects.get().reference, "C-1")

    def test_lists_link_to_it_for_those_who_may(self) -> None:
        self.assertIn(ACCOUNTS, self.read(admin_url("account", "changelist")))
        self.assertIn(MEMBERS, self.read(admin_url("account", "changelist")))
        self.assertIn(ISSUES, self.read(admin_url("tokenissue", "changelist")))
        self.assertIn(PRICES, self.read(admin_url("catalogueitem", "changelist")))
        self.sign_in("add_account", "view_account", "view_tokenissue", "view_catalogueitem")
        text = self.read(admin_url("account", "changelist"))
        self.assertEqual((ACCOUNTS in text, MEMBERS in text), (True, False))
        self.assertNotIn(ISSUES, self.read(admin_url("tokenissue", "changelist")))
        self.assertNotIn(PRICES, self.read(admin_url("catalogueitem", "changelist")))

    @override_settings(TOKEN_PAYMENTS_ENABLED=False)
    def test_switched_off_only_prices_are_loaded(self) -> None:
        for url in (ACCOUNTS, MEMBERS, ISSUES):
            answer = self.client.post(url, {"confirm": "1"}, follow=True)
            self.assertIn("switched off", answer.content.decode())
        self.assertNotIn(ACCOUNTS, self.read(admin_url("account", "changelist")))
        self.assertIn("Prices", self.read(PRICES))

    def test_nothing_of_a_file_is_markup(self) -> None:
        text = self.choose(ACCOUNTS, "name\n<script>x</script>\n")
        self.assertNotIn("<script>x", text)
        self.assertIn("&lt;script&gt;x", text)
