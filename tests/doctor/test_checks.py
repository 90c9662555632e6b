"""Each check finds what it is for and nothing else; a database that is right has no finding."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest import mock

from ddt import data, ddt
from django.db import connection
from django.db.models import F
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from common.djangoapps.student.models import CourseEnrollment
from tests import factories
from tests.doctor.world import DAY, NOW, TOKEN_COURSE, World, change, remove, unguarded
from token_payments.bulk import operations as bulk_operations
from token_payments.doctor import CHECKS, Severity, examine
from token_payments.doctor.findings import walk
from token_payments.models import (
    EntryKind,
    IssueSource,
    LedgerEntry,
    PendingTask,
    Redemption,
    TokenCode,
    TokenIssue,
    TokenOrder,
    TokenOrderCancellation,
    TokenOrderLogEntry,
    TokenTransfer,
)
from token_payments.orders import operations as order_operations
from token_payments.outbox import pending
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets import queries as wallet_queries
from token_payments.wallets.returns import give_back

Break = Callable[[World], None]
BREAKS: list[Any] = []


def breaks(check: str, *, findings: int = 1) -> Callable[[Break], Break]:
    """What the function does to the data must be found by this check, and by no other."""

    def register(function: Any) -> Break:
        function.check, function.findings = check, findings
        BREAKS.append(function)
        return function

    return register


@breaks("issue_sums")
def an_issue_has_more_than_its_entries(world: World) -> None:
    change(TokenIssue, world.issue.pk, remaining=4000)


@breaks("issue_sums")
def an_entry_is_added_without_its_effect(world: World) -> None:
    world.new_entry(kind=EntryKind.ADJUSTMENT_UP, amount=3)


@breaks("issue_openings")
def an_issue_says_another_quantity(world: World) -> None:
    change(TokenIssue, world.issue.pk, quantity=6)


@breaks("issue_openings")
def an_issue_is_opened_twice(world: World) -> None:
    world.new_entry(kind=EntryKind.ISSUE, amount=5)
    change(TokenIssue, world.issue.pk, quantity=10)
    remaining = TokenIssue.objects.get(pk=world.issue.pk).remaining
    change(TokenIssue, world.issue.pk, remaining=remaining + 5)


@breaks("issue_openings")
def an_issue_is_not_opened_by_its_first_entry(world: World) -> None:
    opening = LedgerEntry.objects.get(issue=world.issue, kind=EntryKind.ISSUE)
    remove(LedgerEntry, opening.pk)
    world.new_entry(kind=EntryKind.ISSUE, amount=5)


@breaks("entry_signs")
def an_entry_takes_tokens_by_a_kind_that_gives(world: World) -> None:
    with unguarded(LedgerEntry):
        world.new_entry(kind=EntryKind.ADJUSTMENT_UP, amount=-1)
    world.new_entry(kind=EntryKind.ADJUSTMENT_UP, amount=1)


@breaks("entry_signs")
def an_entry_is_of_no_kind(world: World) -> None:
    with unguarded(LedgerEntry):
        world.new_entry(kind="gift", amount=0)


@breaks("entry_orphans")
def an_issue_is_deleted(world: World) -> None:
    world.new_entry(issue_id=99_999, kind=EntryKind.EXTENSION, amount=0, expires_from=NOW)


@breaks("entry_orphans", findings=2)
def a_redemption_is_deleted(world: World) -> None:
    remove(Redemption, world.returned.pk)


@breaks("entry_redemptions")
def a_debit_pays_for_nothing(world: World) -> None:
    world.new_entry(kind=EntryKind.DEBIT, amount=-1)
    world.new_entry(kind=EntryKind.ADJUSTMENT_UP, amount=1)


@breaks("entry_redemptions")
def a_redemption_is_drawn_from_another_wallet(world: World) -> None:
    other = factories.make_account("Other")
    issue = factories.issue_tokens(other, world.gold, 9, now=NOW)
    drawn = {"redemption": world.paid, "issue_id": issue.pk}
    world.new_entry(kind=EntryKind.DEBIT, amount=-1, **drawn)
    world.new_entry(kind=EntryKind.REVERSAL, amount=1, redemption=world.paid)
    change(TokenIssue, issue.pk, remaining=8)
    remaining = TokenIssue.objects.get(pk=world.issue.pk).remaining
    change(TokenIssue, world.issue.pk, remaining=remaining + 1)


@breaks("entry_returns")
def tokens_were_given_back_to_another_issue(world: World) -> None:
    [entry] = LedgerEntry.objects.filter(redemption=world.returned, kind=EntryKind.REVERSAL)
    change(LedgerEntry, entry.pk, issue=world.issue)
    change(TokenIssue, entry.issue_id, remaining=F("remaining") - entry.amount)
    change(TokenIssue, world.issue.pk, remaining=F("remaining") + entry.amount)


@breaks("entry_times")
def tokens_were_spent_at_their_expiry(world: World) -> None:
    entry = LedgerEntry.objects.filter(redemption=world.paid).select_related("issue")[0]
    change(LedgerEntry, entry.pk, created_at=entry.issue.expires_at)


@breaks("entry_times")
def tokens_were_spent_before_they_were_issued(world: World) -> None:
    entry = LedgerEntry.objects.filter(redemption=world.paid).select_related("issue")[0]
    change(LedgerEntry, entry.pk, created_at=entry.issue.issued_at - DAY)


@breaks("refunds")
def more_was_refunded_than_was_paid(world: World) -> None:
    change(TokenOrder, world.wallet_order.pk, unit_price=Decimal("0.1"), currency="GBP")
    cancellation = TokenOrderCancellation.objects.get(idempotency_key="w")
    change(TokenOrderCancellation, cancellation.pk, refund_amount=Decimal("2.001"))


@breaks("order_codes")
def a_code_of_an_order_is_gone(world: World) -> None:
    remove(TokenCode, world.order.codes.get(serial=3).pk)


@breaks("order_codes")
def a_serial_is_left_out(world: World) -> None:
    change(TokenCode, world.order.codes.get(serial=3).pk, serial=7)


@breaks("order_codes")
def an_order_that_was_never_processed_has_codes(world: World) -> None:
    change(TokenOrder, world.order.pk, status="requested")


@breaks("order_codes")
def a_cancelled_order_has_a_gap(world: World) -> None:
    code = world.dead.codes.get(serial=2)
    change(TokenCode, code.pk, serial=9)


@breaks("cancelled_orders")
def an_order_was_cancelled_but_not_its_codes(world: World) -> None:
    change(TokenOrder, world.order.pk, status="cancelled")


@breaks("code_cancellations")
def a_cancellation_says_more_than_was_cancelled(world: World) -> None:
    cancellation = TokenOrderCancellation.objects.get(idempotency_key="unused")
    change(TokenOrderCancellation, cancellation.pk, quantity=9)


@breaks("code_cancellations")
def a_code_is_cancelled_without_a_cancellation(world: World) -> None:
    change(TokenCode, world.order.codes.get(serial=3).pk, status="cancelled")


@breaks("code_cancellations")
def a_cancelled_code_is_brought_back(world: World) -> None:
    code = world.order.codes.get(serial=6)
    change(TokenCode, code.pk, status="available", cancellation=None)


@breaks("wallet_orders")
def a_wallet_order_says_another_quantity(world: World) -> None:
    change(TokenOrder, world.wallet_order.pk, quantity=99)


@breaks("wallet_orders")
def a_wallet_order_is_for_another_account(world: World) -> None:
    other = factories.make_account("Other")
    change(TokenOrder, world.wallet_order.pk, account=other)


@breaks("wallet_orders")
def a_wallet_order_is_processed_without_an_issue(world: World) -> None:
    order = factories.make_wallet_order(world.account, world.gold, buyer=world.buyer, now=NOW)
    change(TokenOrder, order.pk, status="processed")


@breaks("wallet_cancellations")
def tokens_are_refunded_that_were_not_taken_back(world: World) -> None:
    cancellation = TokenOrderCancellation.objects.get(idempotency_key="w")
    change(TokenOrderCancellation, cancellation.pk, quantity=9)


@breaks("cancelled_wallet_orders")
def a_wallet_order_was_cancelled_but_not_its_tokens(world: World) -> None:
    change(TokenOrder, world.wallet_order.pk, status="cancelled")


@breaks("redeemed_codes")
def a_code_is_burnt_for_nothing(world: World) -> None:
    change(TokenCode, world.order.codes.get(serial=3).pk, status="redeemed")


@breaks("redemption_codes")
def a_code_that_paid_is_available_again(world: World) -> None:
    change(TokenCode, world.order.codes.get(serial=1).pk, status="available")


@breaks("redemption_codes")
def a_code_that_paid_is_cancelled(world: World) -> None:
    cancellation = TokenOrderCancellation.objects.get(idempotency_key="unused")
    code = world.order.codes.get(serial=1)
    change(TokenCode, code.pk, status="cancelled", cancellation=cancellation)
    change(TokenOrderCancellation, cancellation.pk, quantity=3)


@breaks("reserved_redemptions")
def a_redemption_is_still_reserved(world: World) -> None:
    change(Redemption, world.paid.pk, state="reserved", completed_at=None)


@breaks("redemption_payments")
def a_code_redemption_has_no_code(world: World) -> None:
    code = world.order.codes.get(serial=1)
    [redemption] = Redemption.objects.filter(code=code)
    change(Redemption, redemption.pk, code=None)
    change(TokenCode, code.pk, status="available")


@breaks("redemption_payments")
def a_code_paid_for_another_course(world: World) -> None:
    [redemption] = Redemption.objects.filter(code__serial=1)
    change(Redemption, redemption.pk, item=world.priced)
    enrolments = CourseEnrollment.objects.filter(user=redemption.learner)
    enrolments.update(course_id=factories.key(TOKEN_COURSE))


@breaks("redemption_tokens")
def a_redemption_cost_more_than_was_drawn(world: World) -> None:
    change(Redemption, world.paid.pk, tokens=8)


@breaks("redemption_tokens")
def a_reversal_gave_nothing_back(world: World) -> None:
    change(Redemption, world.paid.pk, state="reversed", live=None, reversed_at=NOW)


@breaks("enrolments")
def somebody_paid_and_was_never_enrolled(world: World) -> None:
    CourseEnrollment.objects.filter(user=world.learners[2]).delete()


@breaks("enrolments")
def somebody_is_not_in_the_mode_that_was_paid(world: World) -> None:
    CourseEnrollment.objects.filter(user=world.learners[2]).update(mode="audit")


def transfer(world: World) -> TokenTransfer:
    """Three of the account's tokens for somebody else's, in good order."""
    target = factories.make_account("Target")
    source = factories.make_account("Source")
    factories.issue_tokens(source, world.gold, 5, now=NOW, unit_price=Decimal(2), currency="GBP")
    wanted = wallet_operations.WantedTransfer(factories.find_wallet(source, world.gold), target, 3)
    how = {"actor": world.buyer, "reason": "", "now": NOW}
    return wallet_operations.transfer_tokens(wanted, idempotency_key="transfer", **how)


@breaks("transfers")
def a_transfer_says_another_quantity(world: World) -> None:
    change(TokenTransfer, transfer(world).pk, quantity=4)


@breaks("transfers")
def what_was_transferred_came_to_no_other_account(world: World) -> None:
    made = transfer(world)
    [entry] = made.entries.filter(kind=EntryKind.ISSUE)
    price = {"unit_price": Decimal(2), "currency": "GBP"}
    issue = factories.issue_tokens(world.account, world.gold, 3, now=NOW, **price)
    change(TokenIssue, issue.pk, source=IssueSource.TRANSFER)
    change(LedgerEntry, issue.entries.get().pk, transfer=made)
    change(TokenIssue, entry.issue_id, source=IssueSource.MANUAL)
    change(LedgerEntry, entry.pk, transfer=None)


@breaks("transfers")
def what_was_transferred_has_another_price(world: World) -> None:
    [entry] = transfer(world).entries.filter(kind=EntryKind.ISSUE)
    change(TokenIssue, entry.issue_id, unit_price=Decimal(1))


@breaks("transferred_issues")
def an_issue_says_that_it_was_transferred(world: World) -> None:
    change(TokenIssue, world.issue.pk, source=IssueSource.TRANSFER)


@breaks("transferred_issues")
def an_issue_that_was_transferred_says_otherwise(world: World) -> None:
    [entry] = transfer(world).entries.filter(kind=EntryKind.ISSUE)
    change(TokenIssue, entry.issue_id, source=IssueSource.MANUAL)


@ddt
class CheckTest(World):
    def test_a_healthy_database_has_no_finding(self) -> None:
        assert self.find() == []
        transfer(self)
        assert self.find() == []

    @data(*BREAKS)
    def test_what_is_broken_is_found_and_nothing_else(self, case: Any) -> None:
        case(self)
        found = self.find()
        expected = [(case.check, Severity.ERROR)] * case.findings
        assert [(one.check, one.severity) for one in found] == expected
        assert found[0].subject
        assert found[0].advice

    def test_all_that_was_paid_may_be_refunded_bit_by_bit(self) -> None:
        change(TokenOrder, self.wallet_order.pk, unit_price=Decimal("0.1"), currency="GBP")
        change(TokenOrder, self.dead_wallet_order.pk, unit_price=Decimal("0.1"), currency="GBP")
        for number in range(20):
            TokenOrderCancellation.objects.create(
                order=self.wallet_order,
                quantity=0,
                refund_amount=Decimal("0.1"),
                actor=self.buyer,
                idempotency_key=f"bit {number}",
                created_at=NOW,
            )
        assert self.find("refunds") == []

    def test_the_documentation_names_every_check_in_their_order(self) -> None:
        page = (Path(__file__).parents[2] / "docs" / "doctor.md").read_text()
        table = page.partition("## The checks")[2].partition("## What")[0]
        assert re.findall(r"^\| `(\w+)`", table, re.MULTILINE) == list(CHECKS)

    def test_every_error_check_is_broken_above_or_below(self) -> None:
        others = {
            "code_keys",
            "overdrawn_issues",
            "unrecorded_expiry",
            "balances",
            "stuck_orders",
            "stuck_jobs",
            "order_issues",
            "waiting_work",
        }
        assert {case.check for case in BREAKS} | others == set(CHECKS)

    def test_below_zero(self) -> None:
        if connection.vendor == "mysql":
            return  # its column has no sign
        with unguarded(TokenIssue):
            change(TokenIssue, self.issue.pk, remaining=-1)
            assert {one.check for one in self.find()} == {"overdrawn_issues", "issue_sums"}
            change(TokenIssue, self.issue.pk, remaining=0)

    def test_a_balance_that_pages_show_wrong(self) -> None:
        real = wallet_queries.list_balances

        def lie(ids, now):
            return {pk: wallet_queries.Balance(available=1) for pk in real(ids, now)}

        with mock.patch("token_payments.doctor.balances.list_balances", lie):
            [finding] = self.find()
        assert finding.check == "balances"
        assert "1 available" in finding.text

    def test_a_balance_that_is_only_a_moment_out_of_step_is_no_finding(self) -> None:
        real, calls = wallet_queries.list_balances, []

        def lag(ids, now):
            calls.append(ids)
            return real(ids, now) if len(calls) > 1 else {}

        with mock.patch("token_payments.doctor.balances.list_balances", lag):
            assert self.find("balances") == []
        assert len(calls) == 2


@ddt
class KeyTest(World):
    @data(
        {},
        {"other": "another key for tests, it protects nothing"},
        {"test": "too short"},
        {"test": "another key for tests, it protects nothing"},
    )
    def test_a_key_that_codes_need_is_missed(self, keys: dict[str, str]) -> None:
        with override_settings(TOKEN_PAYMENTS={"CODE_KEYS": keys}):
            [finding] = self.find()
        assert (finding.check, finding.subject) == ("code_keys", "key “test”")
        assert not any(secret in f"{finding.text} {finding.advice}" for secret in keys.values())

    def test_a_key_that_no_usable_code_needs_is_not_missed(self) -> None:
        TokenOrder.objects.filter(pk=self.young.pk).update(status="cancelled")
        order_operations.cancel_order(self.order.pk, **self.by())
        with override_settings(TOKEN_PAYMENTS={"CODE_KEYS": {}}):
            assert self.find() == []


class NoteTest(World):
    def find_note(self, *checks: str, **arguments) -> tuple[str, str]:
        [finding] = self.find(*checks, **arguments)
        assert finding.severity is Severity.NOTE
        return finding.check, finding.text

    def test_a_sweep_that_is_late(self) -> None:
        order_operations.cancel_order(self.young.pk, **self.by())
        for quantity in (3, 4):
            ends = NOW + DAY
            factories.issue_tokens(self.account, self.gold, quantity, now=NOW, expires_at=ends)
        assert self.find(now=ends + DAY * 23 / 24) == []
        check, text = self.find_note(now=ends + DAY)
        assert check == "unrecorded_expiry"
        assert text.startswith("7 tokens have expired, the first on 2026-11-22 (UTC)")

    def test_an_order_that_hangs(self) -> None:
        check, text = self.find_note(now=NOW + DAY / 12)
        assert check == "stuck_orders"
        assert "4 codes" in text

    def test_work_that_no_broker_takes(self) -> None:
        PendingTask.objects.all().delete()
        pending.add_pending("token_payments.tasks.mail", {"id": 1}, now=NOW)
        assert self.find("waiting_work", now=NOW + DAY / 25) == []
        check, text = self.find_note("waiting_work", now=NOW + DAY / 24)
        assert check == "waiting_work"
        assert text == "Not done: 1, the first since 2026-11-21 12:00 (UTC). Taken by no broker: 1."

    def test_work_that_no_worker_does(self) -> None:
        PendingTask.objects.all().delete()
        work = pending.add_pending("token_payments.tasks.mail", {"id": 1}, now=NOW)
        pending.dispatch(work, lambda: None, now=NOW + DAY / 24)
        assert self.find("waiting_work", now=NOW + DAY / 5) == []
        text = self.find_note("waiting_work", now=NOW + DAY / 4)[1]
        assert text.endswith("Taken by no broker: 0.")

    def test_a_bulk_job_that_hangs(self) -> None:
        manager = factories.make_user("root", is_superuser=True)
        order_operations.cancel_order(self.young.pk, **self.by())
        job = bulk_operations.start_redeeming(
            actor=manager,
            wallet=self.wallet,
            item_key=self.priced.item_key,
            tokens=7,
            names=["learner0", "learner1"],
            idempotency_key="job",
            now=NOW,
        )
        assert self.find("stuck_jobs", now=NOW + DAY / 25) == []
        check, text = self.find_note(now=NOW + DAY / 12)
        assert check == "stuck_jobs"
        assert text == "Of its 2 rows 2 wait, and none was tried for an hour."
        bulk_operations.run_job(job.pk, clock=lambda: NOW + DAY / 12)
        assert self.find("stuck_jobs", now=NOW + DAY) == []

    def test_an_order_that_was_resumed_is_given_its_hour(self) -> None:
        logged = TokenOrderLogEntry.objects.filter(order=self.young, action="processing").count()
        assert logged == 1
        assert self.find("stuck_orders", now=NOW + DAY / 24) == []

    def test_who_left_is_told_in_one_note(self) -> None:
        CourseEnrollment.objects.update(is_active=False)
        check, text = self.find_note()
        assert (check, text) == ("enrolments", "3 learners have paid and left their course since.")

    def test_an_issue_of_an_order_that_is_none(self) -> None:
        factories.issue_tokens(self.account, self.gold, 3, now=NOW, source=IssueSource.ORDER)
        assert self.find_note()[0] == "order_issues"

    def test_tokens_given_back_to_an_order_that_was_cancelled_meanwhile(self) -> None:
        order_operations.cancel_order(self.wallet_order.pk, **self.by())
        give_back(self.paid, actor=self.buyer, reason="", now=NOW)
        change(Redemption, self.paid.pk, state="reversed", live=None, reversed_at=NOW)
        assert self.find_note()[0] == "cancelled_wallet_orders"


class SizeTest(World):
    def test_parts_have_every_row_once(self) -> None:
        ids = list(TokenCode.objects.order_by("pk").values_list("pk", flat=True))
        for size in (1, 2, 4, len(ids), 100):
            parts = [list(part) for part in walk(TokenCode.objects.all(), size)]
            assert [code.pk for part in parts for code in part] == ids
            assert max(map(len, parts)) <= size

    def test_ten_times_the_codes_take_no_more_statements(self) -> None:
        with CaptureQueriesContext(connection) as few:
            self.find()
        factories.make_processed_order(self.item, buyer=self.buyer, quantity=100, now=NOW)
        with CaptureQueriesContext(connection) as many:
            self.find()
        assert len(many) == len(few)

    def test_only_the_named_checks_run(self) -> None:
        change(TokenIssue, self.issue.pk, remaining=4000)
        assert self.find("order_codes", "entry_signs") == []
        self.assertRaises(KeyError, lambda: list(examine(now=NOW, checks=["no_such"])))
