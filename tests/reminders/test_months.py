"""Months of daily runs: every recipient gets exactly the mails expected."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import ddt

from tests import factories
from tests.notifications.base import with_settings
from tests.reminders.base import START, RemindersTestCase, at, list_days
from token_payments.assignments import operations as assignment_operations
from token_payments.l10n.dates import end_of_day
from token_payments.models import AccountRole
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries
from token_payments.wallets import operations as wallet_operations

LAST = date(2027, 5, 3)
END = date(2027, 6, 20)
LONG_AGO = date(2027, 1, 4)
MANAGER, BUYER, ANN = "manager@example.com", "buyer@example.com", "ann@example.com"


@ddt.ddt
class IssuesTests(RemindersTestCase):
    def test_managers_are_told_30_7_and_1_days_ahead_and_members_never(self) -> None:
        self.issue(12, LAST, on=LONG_AGO)
        assert self.run_daily(LONG_AGO, END) == {MANAGER: list_days(LAST, 30, 7, 1)}

    def test_days_are_of_the_sites_zone_also_where_the_clocks_change(self) -> None:
        last = date(2027, 3, 31)  # 30 and 7 days before it London still has winter time
        self.issue(12, last, on=LONG_AGO)
        assert self.run_on(last - timedelta(days=31), hour=23) == []
        assert len(self.run_on(last - timedelta(days=30), hour=0)) == 1
        assert self.run_on(last - timedelta(days=7) - timedelta(days=1), hour=23) == []
        # 23:30 in UTC is the next day in London's summer
        assert len(self.run_on(last - timedelta(days=2), hour=23)) == 1

    def test_two_wallets_and_several_issues_make_one_mail(self) -> None:
        silver = factories.make_type("Silver")
        other = factories.make_account("Bright", managers=[self.manager])
        for fields in ({}, {"token_type": silver}, {"account": other}):
            self.issue(5, LAST, **fields)
            self.issue(6, LAST, **fields)
        mails = self.run_daily(START, END)
        assert mails == {MANAGER: list_days(LAST, 30, 7, 1)}
        (message,) = self.run_on_again(LAST)
        text = message.body
        assert [line for line in text.splitlines() if line.startswith("- ")] == [
            f"- {name}: 11 {kind}, May 3, 2027 (30 days left)"
            for name, kind in (("Acme", "Gold"), ("Acme", "Silver"), ("Bright", "Gold"))
        ]

    def run_on_again(self, last: date) -> list:
        from token_payments.outbox.models import Notice

        Notice.objects.all().delete()
        return self.run_on(last - timedelta(days=30))

    def test_what_never_expires_is_spent_or_is_over_is_no_reason(self) -> None:
        self.issue(5, None)
        spent = self.issue(6, LAST)
        self.spend(spent, 6)
        self.issue(7, START + timedelta(days=1), on=START - timedelta(days=60))
        assert self.run_daily(START + timedelta(days=2), END) == {}

    def test_partly_spent_says_what_remains(self) -> None:
        self.spend(self.issue(6, LAST), 4)
        (message,) = self.run_on(LAST - timedelta(days=7))
        assert "Acme: 2 Gold, May 3, 2027 (7 days left)" in message.body

    def test_frozen_accounts_lose_tokens_too_and_the_mail_says_so(self) -> None:
        self.issue(6, LAST)
        wallet_operations.freeze_account(self.account.pk, actor=None)
        (message,) = self.run_on(LAST - timedelta(days=7))
        assert "The account is frozen" in message.body

    def test_an_extended_issue_is_told_anew_at_its_new_date(self) -> None:
        issue = self.issue(6, LAST)
        mails = self.run_daily(START, LAST - timedelta(days=5))
        assert mails == {MANAGER: list_days(LAST, 30, 7)}
        new = LAST + timedelta(days=40)
        wallet_operations.extend_expiry(
            issue.pk,
            end_of_day(new),
            actor=None,
            reason="",
            idempotency_key="1",
            now=at(LAST - timedelta(days=5)),
        )
        mails = self.run_daily(LAST - timedelta(days=5), END)
        assert mails == {MANAGER: list_days(new, 30, 7, 1)}

    def test_who_extended_by_some_days_isnt_told_at_once(self) -> None:
        issue = self.issue(6, LAST)
        self.run_daily(START, LAST - timedelta(days=1))
        new = LAST + timedelta(days=3)
        now = at(LAST - timedelta(days=1), 12)
        wallet_operations.extend_expiry(
            issue.pk, end_of_day(new), actor=None, reason="", idempotency_key="1", now=now
        )
        assert self.run_daily(LAST, END) == {MANAGER: list_days(new, 1)}

    def test_tokens_for_a_week_are_told_when_a_day_ahead_comes_after_their_issue(self) -> None:
        self.issue(6, START + timedelta(days=10))
        mails = self.run_daily(START, END)
        assert mails == {MANAGER: list_days(START + timedelta(days=10), 7, 1)}

    @ddt.data((3, [30, 6, 0]), (10, [30, 0]), (40, [20]))
    @ddt.unpack
    def test_late_runs_tell_once_of_the_day_that_was_passed(
        self, step: int, expected: list[int]
    ) -> None:
        first = LAST - timedelta(days=expected[0])
        self.issue(6, LAST)
        assert self.run_daily(first, END, step=step) == {MANAGER: list_days(LAST, *expected)}

    def test_after_an_outage_of_a_month_one_mail_tells_all(self) -> None:
        for days in range(1, 29):
            self.issue(1, LAST + timedelta(days=days))
        messages = self.run_on(LAST)
        assert len(messages) == 1
        assert messages[0].body.count("\n- ") == 28
        assert len(self.run_daily(LAST, LAST)) == 0

    @with_settings(REMINDER_DAYS=[14])
    def test_the_days_ahead_are_a_setting(self) -> None:
        self.issue(6, LAST)
        assert self.run_daily(START, END) == {MANAGER: list_days(LAST, 14)}

    @with_settings(REMINDER_DAYS=[])
    def test_without_days_nobody_is_told(self) -> None:
        self.issue(6, LAST)
        assert self.run_daily(START, END) == {}

    def test_who_lost_the_role_or_the_account_isnt_told(self) -> None:
        self.issue(6, LAST)
        second = factories.make_user("second")
        wallet_operations.set_member(self.account, second, AccountRole.MANAGER, actor=None)
        mails = self.run_daily(START, LAST - timedelta(days=8))
        assert set(mails) == {MANAGER, "second@example.com"}
        wallet_operations.set_member(self.account, self.manager, AccountRole.MEMBER, actor=None)
        second.is_active = False
        second.save()
        assert self.run_daily(LAST - timedelta(days=7), END) == {}

    def test_who_becomes_manager_is_told_of_what_comes(self) -> None:
        self.issue(6, LAST)
        self.run_daily(START, LAST - timedelta(days=20))
        second = factories.make_user("second")
        wallet_operations.set_member(self.account, second, AccountRole.MANAGER, actor=None)
        mails = self.run_daily(LAST - timedelta(days=19), END)
        assert mails[MANAGER] == list_days(LAST, 7, 1)
        assert mails["second@example.com"] == list_days(LAST, 19, 7, 1)


class CodesTests(RemindersTestCase):
    def test_buyers_and_learners_are_told_each_of_their_own(self) -> None:
        order = self.order(LAST, quantity=3)
        self.give(order, ANN, on=START, name="Ann")
        days = list_days(LAST, 30, 7, 1)
        assert self.run_daily(START, END) == {BUYER: days, ANN: days}

    def test_the_mails_say_what_is_unused_and_give_the_learner_the_token(self) -> None:
        order = self.order(LAST, quantity=3)
        self.give(order, ANN, on=START, name="Ann")
        messages = {message.to[0]: message for message in self.run_on(LAST - timedelta(days=7))}
        text = messages[BUYER].body
        assert f"{order.number}, Fire Safety: 3 unused (1 of them given to a learner)" in text
        code = factories.list_codes(order)[0]
        assert code not in text
        assert f"Your token: {code}" in messages[ANN].body
        assert f"/checkout/{COURSE_PATH}/#code={code}" in messages[ANN].body
        assert "Hello Ann," in messages[ANN].body
        assert messages[ANN].subject == "7 days left: your token for Fire Safety"
        assert messages[BUYER].subject == "Tokens end in 7 days"
        assert code not in messages[ANN].subject

    def test_what_is_used_cancelled_or_taken_back_is_no_reason(self) -> None:
        order = self.order(LAST, quantity=2)
        ann = self.give(order, ANN, on=START)
        ben = self.give(order, "ben@example.com", on=START)
        assignment_operations.revoke(ann.pk, actor=self.buyer, now=at(START))
        learner = factories.make_user("ben")
        code = next(
            text for row, text in order_queries.iterate_codes(order) if row.pk == ben.code_id
        )
        factories.redeem(learner, self.item, code, now=at(START))
        left = next(
            text for row, text in order_queries.iterate_codes(order) if row.status == "available"
        )
        factories.redeem(factories.make_user("cat"), self.item, left, now=at(START))
        assert self.run_daily(START, END) == {}

    def test_cancelled_orders_are_no_reason(self) -> None:
        order = self.order(LAST)
        self.give(order, ANN, on=START)
        order_operations.cancel_order(order.pk, actor=self.buyer, refund_amount=0, now=at(START))
        assert self.run_daily(START, END) == {}

    def test_a_token_given_to_somebody_else_is_theirs_alone(self) -> None:
        order = self.order(LAST, quantity=1)
        ann = self.give(order, ANN, on=START)
        recipient = assignment_operations.Recipient("dan@example.com", "Dan")
        assignment_operations.reassign(
            ann.pk, recipient, actor=self.buyer, idempotency_key=uuid.uuid4().hex, now=at(START)
        )
        from token_payments.notifications import mails

        mails.send_assignments(order.pk, clock=lambda: at(START), limit=10)
        mails = self.run_daily(START, END)
        assert set(mails) == {BUYER, "dan@example.com"}

    def test_who_was_mailed_meanwhile_knows_and_isnt_told_again(self) -> None:
        order = self.order(LAST, quantity=1)
        self.give(order, ANN, on=LAST - timedelta(days=7))
        mails = self.run_daily(LAST - timedelta(days=7), END)
        assert mails == {BUYER: list_days(LAST, 7, 1), ANN: list_days(LAST, 1)}

    def test_whose_first_mail_never_left_isnt_reminded(self) -> None:
        order = self.order(LAST, quantity=1)
        recipients = [assignment_operations.Recipient(ANN, "")]
        assignment_operations.assign_codes(
            order.pk, recipients, actor=self.buyer, idempotency_key="1", now=at(START)
        )
        assert set(self.run_daily(START, END)) == {BUYER}

    def test_in_place_of_a_buyer_who_left_the_accounts_managers_are_told(self) -> None:
        self.order(LAST, account=self.account)
        self.order(LAST)
        self.buyer.is_active = False
        self.buyer.save()
        assert self.run_daily(START, END) == {MANAGER: list_days(LAST, 30, 7, 1)}
        assert len(self.mails_of(MANAGER)) == 1

    def mails_of(self, address: str) -> list:
        from token_payments.outbox.models import Notice

        Notice.objects.all().delete()
        return [one for one in self.run_on(LAST) if one.to == [address]]

    def test_one_person_in_three_roles_gets_one_mail(self) -> None:
        wallet_operations.set_member(self.account, self.buyer, AccountRole.MANAGER, actor=None)
        self.issue(6, LAST)
        order = self.order(LAST)
        self.give(order, "Buyer@Example.com", on=START)
        mails = self.run_daily(START, END)
        assert mails[BUYER] == list_days(LAST, 30, 7, 1)
        assert set(mails) == {BUYER, MANAGER}
        (message,) = self.mails_of(BUYER)
        for words in ("Acme: 6 Gold", order.number, "Your token:"):
            assert words in message.body
        assert "Hello Bea Buyer," in message.body

    def test_an_order_without_a_last_day_is_no_reason(self) -> None:
        self.give(self.order(None), ANN, on=START)
        assert self.run_daily(START, END) == {}


COURSE_PATH = "course-v1:Acme+FIRE+2026"
