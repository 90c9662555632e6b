"""Manage My Tokens: cards, what expires, what it pays for, and empty states that say what to do."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.portal.tokens.base import COURSE, TokensCase
from token_payments.l10n.dates import end_of_day, last_day, local_day
from token_payments.l10n.formats import format_day
from token_payments.wallets import operations as wallet_operations


class BalancesTest(TokensCase):
    def open(self, user):
        self.client.force_login(user)
        return self.client.get(reverse("token_payments:tokens"))

    def test_balance_and_what_expires_soonest_first(self) -> None:
        days = [last_day(self.now) + timedelta(days=count) for count in (20, 5, 9, 12)]
        for number, day in enumerate(days, start=1):
            self.issue(number, expires_at=end_of_day(day))
        page = self.open(self.ann)
        self.assertContains(page, "<strong>30</strong> can be spent now")
        text = page.content.decode()
        lines = [
            f"2 expire on {format_day(days[1])}",
            f"3 expire on {format_day(days[2])}",
            f"4 expire on {format_day(days[3])}",
            "1 more within 30 days",
        ]
        places = [text.index(line) for line in lines]
        self.assertEqual(places, sorted(places))

    def test_the_thirtieth_day_is_within_30_days_as_in_reminders(self) -> None:
        today = local_day(timezone.now())
        last, later = today + timedelta(days=30), today + timedelta(days=31)
        self.issue(10, expires_at=end_of_day(last))
        self.issue(3, expires_at=end_of_day(later))
        page = self.open(self.ann)
        self.assertContains(page, f"10 expire on {format_day(last)}")
        self.assertNotContains(page, f"3 expire on {format_day(later)}")

    def test_one_token_expires_in_the_singular(self) -> None:
        day = last_day(self.now) + timedelta(days=5)
        self.issue(1, expires_at=end_of_day(day))
        self.assertContains(self.open(self.ann), f"1 expires on {format_day(day)}")

    def test_spent_and_expired_in_small(self) -> None:
        self.issue(4, now=self.now - timedelta(days=9), expires_at=self.now - timedelta(days=2))
        factories.pay(self.ann, self.item, self.wallet)
        self.assertContains(self.open(self.bob), "Spent: 7 · Expired: 4")

    def test_courses_that_the_tokens_pay_for_with_a_way_to_the_checkout(self) -> None:
        page = self.open(self.ann)
        checkout = reverse("token_payments:checkout", kwargs={"item_key": COURSE})
        self.assertContains(page, f'<a href="{checkout}">Fire Safety</a>')
        self.assertContains(page, "7 Gold")

    def test_courses_that_cant_be_paid_for_are_left_out(self) -> None:
        factories.allow_paid(enabled=False)
        self.assertNotContains(self.open(self.ann), "Fire Safety")
        factories.allow_paid()
        self.item.enrolment_method = "free"
        self.item.save()
        self.assertNotContains(self.open(self.ann), "Fire Safety")

    def test_a_frozen_account_is_marked_and_offers_nothing(self) -> None:
        wallet_operations.freeze_account(self.account.pk, actor=self.manager)
        page = self.open(self.manager)
        self.assertContains(page, "This account is frozen")
        self.assertContains(page, "<strong>20</strong> frozen")
        for gone in ("can be spent now", "Pay for members", "Pays for"):
            self.assertNotContains(page, gone)

    def test_managers_have_ways_that_members_dont(self) -> None:
        for name in ("members", "enrol_members"):
            self.assertContains(self.open(self.manager), self.url(name))
            self.assertNotContains(self.open(self.ann), self.url(name))

    def test_who_belongs_nowhere_is_told_what_to_do(self) -> None:
        page = self.open(self.stranger)
        self.assertContains(page, "You aren't a member of any account.", html=False)
        self.assertContains(page, "stranger@example.com")
        self.assertNotContains(page, "Gold")

    def test_an_account_without_tokens_says_so(self) -> None:
        factories.make_account("Bare", members=[self.stranger])
        self.assertContains(self.open(self.stranger), "Ask a manager of the account")

    def test_queries_are_as_many_for_many_accounts_types_issues_and_courses(self) -> None:
        self.open(self.ann)
        with self.assertNumQueries(self.count_queries()):
            self.open_again()
        for number in range(3):
            silver = factories.make_type(f"Silver {number}")
            account = factories.make_account(f"Account {number}", members=[self.ann])
            key = f"course-v1:Acme+C{number}+2026"
            factories.make_course(key, modes={"verified": 1})
            factories.make_item(key, methods=["wallet"], token_prices={silver: 1, self.gold: 2})
            for days in range(1, 6):
                expires_at = self.now + timedelta(days=days)
                factories.issue_tokens(account, silver, 5, expires_at=expires_at)
                self.issue(3, days=days)
        with self.assertNumQueries(self.queries):
            self.open_again()

    def count_queries(self) -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as captured:
            self.open_again()
        self.queries = len(captured)
        return self.queries

    def open_again(self) -> None:
        self.assertEqual(self.client.get(reverse("token_payments:tokens")).status_code, 200)


class LinkTest(TokensCase):
    def test_the_hosts_header_leads_to_my_tokens(self) -> None:
        self.client.force_login(self.ann)
        self.assertContains(self.client.get("/dashboard"), "Manage My Tokens")
