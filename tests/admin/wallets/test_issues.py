import ddt
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.admin.wallets.base import WalletCase, in_days
from token_payments.l10n.dates import end_of_day, last_day
from token_payments.models import LedgerEntry, TokenIssue
from token_payments.wallets import operations as wallet_operations

LIST = ("tokenissue", "changelist")
LATER = last_day(in_days(400))


@ddt.ddt
class IssueListTests(WalletCase):
    def list_numbers(self, **query):
        answer = self.client.get(self.page(*LIST), query)
        self.assertEqual(answer.status_code, 200)
        return {row.pk for row in answer.context["cl"].result_list}

    def test_the_list_says_how_soon_each_expires(self) -> None:
        self.issue(5, expires_at=end_of_day(last_day(in_days(5))))
        self.issue_expired()
        self.issue(5, self.silver)

        text = self.read(self.page(*LIST))

        for part in ("in 5 days", "expired", "Never", "Raised by hand"):
            self.assertIn(part, text)

    def test_filters_by_state_type_source_and_account(self) -> None:
        soon = self.issue(5, expires_at=in_days(20))
        late = self.issue(5, expires_at=in_days(40))
        gone = self.issue_expired()
        empty = self.issue(5, self.silver)
        adjust(empty, -5, self.operator)
        other = self.issue(5, self.silver, account=factories.make_account("Other"))

        for query, found in (
            ({"state": "usable"}, {soon, late, other}),
            ({"state": "soon"}, {soon}),
            ({"state": "expired"}, {gone}),
            ({"state": "used_up"}, {empty}),
            ({"wallet__token_type__id__exact": self.silver.pk}, {empty, other}),
            ({"source__exact": "order"}, set()),
            ({"account": self.acme.pk}, {soon, late, gone, empty}),
            ({"account": "x"}, set()),
        ):
            with self.subTest(query=query):
                self.assertEqual(self.list_numbers(**query), {issue.pk for issue in found})

    def test_search_by_account_customer_number_and_reference(self) -> None:
        self.acme.reference = "C-17"
        self.acme.save()
        issue = self.issue(5, reference="INV-9")
        self.issue(5, account=factories.make_account("Other"))

        for text in ("acme", "C-17", "INV-9"):
            self.assertEqual(self.list_numbers(q=text), {issue.pk})
        for text in ("nothing", "9" * 500):
            self.assertEqual(self.list_numbers(q=text), set())

    def test_issues_of_a_frozen_account_are_frozen_and_not_usable(self) -> None:
        usable = self.issue(5)
        frozen = self.issue(5, account=factories.make_account("Other"))
        wallet_operations.freeze_account(frozen.wallet.account_id, actor=self.operator)

        self.assertEqual(self.list_numbers(state="usable"), {usable.pk})
        self.assertEqual(self.list_numbers(state="frozen"), {frozen.pk})
        for issue, text in ((usable, "Usable"), (frozen, "Frozen with its account")):
            page = self.read(self.page("tokenissue", "change", issue.pk))
            self.assertIn(f"{text}</span>", page)

    def test_the_list_takes_the_same_queries_for_many_issues(self) -> None:
        def count() -> int:
            with CaptureQueriesContext(connection) as queries:
                self.client.get(self.page(*LIST))
            return len(queries)

        self.issue(1)
        count()
        few = count()
        for number in range(15):
            self.issue(1, account=factories.make_account(f"Account {number}"))
        self.assertEqual(count(), few)

    def test_an_issue_is_neither_edited_nor_deleted_even_by_a_superuser(self) -> None:
        issue = self.issue(5)
        self.client.force_login(factories.make_user("root", is_staff=True, is_superuser=True))
        before = self.facts()

        statuses = [
            self.client.post(self.page("tokenissue", page, issue.pk), data).status_code
            for page, data in (("change", {"quantity": "9"}), ("delete", {"post": "yes"}))
        ]
        data = {"action": "delete_selected", "_selected_action": [issue.pk], "post": "yes"}
        self.client.post(self.page(*LIST), data)

        self.assertEqual(statuses, [403, 403])
        self.assertEqual(self.facts(), before)

    def test_an_issue_shows_its_entries_to_those_who_may_see_the_ledger(self) -> None:
        issue = self.issue(5, reason="For the spring")
        url = self.page("tokenissue", "change", issue.pk)

        self.assertIn("For the spring", self.read(url))
        self.sign_in("view_tokenissue")
        text = self.read(url)

        self.assertNotIn("For the spring", text)
        self.assertNotIn("Extend expiry", text)
        self.assertNotIn(self.page("tokenissue", "adjust", issue.pk), text)

    def test_an_expired_issue_offers_nothing_to_do(self) -> None:
        text = self.read(self.page("tokenissue", "change", self.issue_expired().pk))

        self.assertIn("Expired", text)
        self.assertNotIn("Extend expiry", text)
        self.assertNotIn("/adjust/", text)


@ddt.ddt
class ExtendingTests(WalletCase):
    def setUp(self) -> None:
        super().setUp()
        self.url = self.page("tokenissue", "extend")

    def fill_in(self, *issues, **fields):
        ids = ",".join(str(issue.pk) for issue in issues)
        key = self.key(self.url, issues=ids)
        return {
            "idempotency_key": key,
            "issues": ids,
            "expires_at": LATER.isoformat(),
            "reason": "They asked",
            **fields,
        }

    def extend(self, *issues, **fields):
        return self.client.post(self.url, self.fill_in(*issues, **fields))

    def test_one_issue_is_extended_to_the_end_of_a_day(self) -> None:
        issue = self.issue(5, expires_at=in_days(5))

        answer = self.extend(issue)

        self.assertContains(answer, "1 issue was extended.")
        issue.refresh_from_db()
        self.assertEqual(issue.expires_at, end_of_day(LATER))
        entry = LedgerEntry.objects.get(kind="extension")
        self.assertEqual(entry.actor, self.operator)
        self.assertIn("They asked", entry.reason)

    def test_one_issue_never_expires_any_more(self) -> None:
        issue = self.issue(5, expires_at=in_days(5))

        self.extend(issue, expires_at="", never="on")

        issue.refresh_from_db()
        self.assertIsNone(issue.expires_at)

    def test_of_many_each_is_reported_by_itself(self) -> None:
        good, gone = self.issue(5, expires_at=in_days(5)), self.issue_expired()
        never, later = self.issue(5, self.silver), self.issue(5, expires_at=in_days(900))
        frozen = self.issue(5, account=factories.make_account("Other"), expires_at=in_days(5))
        wallet_operations.freeze_account(frozen.wallet.account_id, actor=self.operator)

        answer = self.extend(good, gone, never, later, frozen)

        reports = {report["issue"].pk: report for report in answer.context["reports"]}
        self.assertEqual([pk for pk, each in reports.items() if each["is_extended"]], [good.pk])
        for issue, text in (
            (gone, "Expired: raise a new issue instead."),
            (never, "never expire already"),
            (later, "choose a later day"),
            (frozen, "unfreeze it first"),
        ):
            self.assertIn(text, reports[issue.pk]["text"])
        self.assertContains(answer, "1 issue was extended. 4 were not.")

    def test_the_lists_action_leads_to_the_form_of_those_that_were_chosen(self) -> None:
        one, two = (self.issue(5, expires_at=in_days(5)) for _ in range(2))
        self.issue(5)
        data = {"action": "extend_expiry", "_selected_action": [one.pk, two.pk]}

        page = self.client.post(self.page(*LIST), data)

        self.assertContains(page, "2 issues")
        form = page.context["form"]
        self.assertEqual(form["issues"].value(), f"{one.pk},{two.pk}")
        key = form["idempotency_key"].value()
        self.client.post(self.url, self.fill_in(one, two, idempotency_key=key))
        self.assertEqual(TokenIssue.objects.filter(expires_at=end_of_day(LATER)).count(), 2)

    def test_a_form_that_is_sent_twice_extends_once(self) -> None:
        data = self.fill_in(self.issue(5, expires_at=in_days(5)))

        for _ in range(2):
            self.assertContains(self.client.post(self.url, data), "1 issue was extended.")

        self.assertEqual(LedgerEntry.objects.filter(kind="extension").count(), 1)

    @ddt.data(
        ({"expires_at": ""}, "expires_at", "Choose a day"),
        ({"never": "on"}, "never", "Choose one"),
        ({"expires_at": "2020-01-01"}, "expires_at", "This day is over"),
        ({"expires_at": "9999-12-31"}, "expires_at", "too late"),
        ({"reason": ""}, "reason", "required"),
        ({"reason": "a\0b"}, "reason", "Null characters"),
        ({"idempotency_key": "a" * 32}, "__all__", "incomplete"),
    )
    @ddt.unpack
    def test_what_is_wrong_is_told_at_the_field(self, fields, field, text) -> None:
        answer = self.extend(self.issue(5, expires_at=in_days(5)), **fields)

        self.assertIn(text, str(answer.context["form"].errors[field]))
        self.assertFalse(LedgerEntry.objects.filter(kind="extension").exists())

    @ddt.data("", "\0", "x,y", "-1", "999999", "9" * 5000, ",".join(map(str, range(1, 600))))
    def test_issues_that_are_none_lead_back_to_the_list(self, text) -> None:
        for answer in (
            self.client.get(self.url, {"issues": text}),
            self.client.post(self.url, {"issues": text}),
        ):
            self.assertRedirects(answer, self.page(*LIST))

    def test_who_may_not_change_issues_extends_none(self) -> None:
        issue = self.issue(5, expires_at=in_days(5))
        data = self.fill_in(issue)
        self.sign_in("view_tokenissue", "add_tokenissue")
        before = self.facts()

        statuses = [self.client.get(self.url, {"issues": issue.pk}).status_code]
        statuses.append(self.client.post(self.url, data).status_code)
        action = {"action": "extend_expiry", "_selected_action": [issue.pk]}
        self.client.post(self.page(*LIST), action)

        self.assertEqual(statuses, [403, 403])
        self.assertEqual(self.facts(), before)

    def test_while_switched_off_nothing_is_extended(self) -> None:
        data = self.fill_in(self.issue(5, expires_at=in_days(5)))
        before = self.facts()
        with override_settings(TOKEN_PAYMENTS_ENABLED=False):
            answer = self.client.post(self.url, data, follow=True)

        self.assertContains(answer, "Token payments are switched off")
        self.assertEqual(self.facts(), before)


@ddt.ddt
class AdjustingTests(WalletCase):
    def setUp(self) -> None:
        super().setUp()
        self.lot = self.issue(12)
        self.url = self.page("tokenissue", "adjust", self.lot.pk)

    def fill_in(self, **fields):
        given = {"direction": "down", "quantity": "3", "reason": "Miscounted"}
        return {"idempotency_key": self.key(self.url), **given, **fields}

    def adjust(self, **fields):
        return self.client.post(self.url, self.fill_in(**fields), follow=True)

    def test_more_than_an_issue_can_hold_is_refused_at_the_field(self) -> None:
        TokenIssue.objects.filter(pk=self.lot.pk).update(remaining=2_147_483_640)

        answer = self.adjust(direction="up", quantity="8")

        self.assertContains(answer, "This issue has room for 7 more tokens.")
        self.assertEqual(set(answer.context["form"].errors), {"quantity"})
        self.lot.refresh_from_db()
        self.assertEqual(self.lot.remaining, 2_147_483_640)

    @ddt.data(("down", 9, "−3: 12 before, 9 now"), ("up", 15, "+3: 12 before, 15 now"))
    @ddt.unpack
    def test_an_issue_is_adjusted_and_both_numbers_are_told(self, direction, after, text) -> None:
        self.assertContains(self.client.get(self.url), "12 Gold")

        answer = self.adjust(direction=direction)

        self.assertContains(answer, text)
        self.lot.refresh_from_db()
        self.assertEqual(self.lot.remaining, after)
        entry = LedgerEntry.objects.first()
        self.assertEqual((entry.reason, entry.actor), ("Miscounted", self.operator))

    def test_a_form_that_is_sent_twice_adjusts_once(self) -> None:
        data = self.fill_in()

        for _ in range(2):
            self.assertContains(self.client.post(self.url, data, follow=True), "9 now")

        self.lot.refresh_from_db()
        self.assertEqual(self.lot.remaining, 9)

    @ddt.data(
        ({"quantity": "13"}, "quantity", "Only 12 tokens remain in this issue."),
        ({"quantity": "0"}, "quantity", "greater than or equal to 1"),
        ({"quantity": "9" * 30, "direction": "up"}, "quantity", "less than or equal"),
        ({"quantity": "-3"}, "quantity", "greater than or equal to 1"),
        ({"reason": ""}, "reason", "required"),
        ({"direction": "sideways"}, "direction", "valid choice"),
        ({"idempotency_key": ""}, "__all__", "incomplete"),
    )
    @ddt.unpack
    def test_what_is_wrong_is_told_at_the_field(self, fields, field, text) -> None:
        answer = self.adjust(**fields)

        self.assertIn(text, str(answer.context["form"].errors[field]))
        self.lot.refresh_from_db()
        self.assertEqual(self.lot.remaining, 12)

    def test_a_frozen_account_and_an_expired_issue_are_told(self) -> None:
        gone = self.issue_expired()
        url = self.page("tokenissue", "adjust", gone.pk)
        data = {**self.fill_in(), "idempotency_key": self.key(url)}

        self.assertContains(self.client.post(url, data), "raise a new issue instead")
        wallet_operations.freeze_account(self.acme.pk, actor=self.operator)
        self.assertContains(self.adjust(), "unfreeze it first")

    def test_when_the_settings_forbid_it_the_button_is_gone_and_the_address_says_why(self) -> None:
        data = self.fill_in()
        page = self.page("tokenissue", "change", self.lot.pk)
        self.assertIn(self.url, self.read(page))
        self.forbid(adjustments_allowed=False)

        shown, refused = self.client.get(self.url), self.client.post(self.url, data)

        self.assertContains(shown, "“Allow Adjustments to Token Issues” is off")
        self.assertEqual(refused.status_code, 403)
        self.assertNotIn(self.url, self.read(page))
        self.lot.refresh_from_db()
        self.assertEqual(self.lot.remaining, 12)

    def test_who_may_not_change_issues_adjusts_none(self) -> None:
        data = self.fill_in()
        self.sign_in("view_tokenissue", "add_tokenissue")

        statuses = [self.client.get(self.url).status_code]
        statuses.append(self.client.post(self.url, data).status_code)

        self.assertEqual(statuses, [403, 403])
        self.lot.refresh_from_db()
        self.assertEqual(self.lot.remaining, 12)

    def test_while_switched_off_nothing_is_adjusted(self) -> None:
        data = self.fill_in()
        with override_settings(TOKEN_PAYMENTS_ENABLED=False):
            answer = self.client.post(self.url, data, follow=True)

        self.assertContains(answer, "Token payments are switched off")
        self.lot.refresh_from_db()
        self.assertEqual(self.lot.remaining, 12)


def adjust(issue, amount, actor) -> None:
    from django.utils import timezone

    wallet_operations.adjust_issue(
        issue.pk, amount, actor=actor, reason="x", idempotency_key=f"{issue.pk}", now=timezone.now()
    )
