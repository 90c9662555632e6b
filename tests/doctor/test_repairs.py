"""What is put right, once, under locks; and what is left to people."""

from __future__ import annotations

from common.djangoapps.student.models import CourseEnrollment
from tests import factories
from tests.doctor.world import DAY, NOW, World, change, remove
from token_payments.doctor.findings import Finding, Repair
from token_payments.models import (
    EntryKind,
    LedgerEntry,
    Redemption,
    TokenCode,
    TokenIssue,
    TokenOrderCancellation,
)


class RepairTest(World):
    def find_one(self, check: str, **arguments) -> Finding:
        [finding] = self.find(check, **arguments)
        return finding

    def repair(self, check: str, **arguments) -> None:
        """Once it changes something, twice it doesn't, and then the check is content."""
        repair = self.find_one(check, **arguments).repair
        assert isinstance(repair, Repair)
        with self.assertLogs("token_payments.doctor.repairs", "WARNING"):
            assert repair.run() is True
        with self.assertNoLogs("token_payments.doctor.repairs"):
            assert repair.run() is False
        assert self.find(check, **arguments) == []

    def test_what_remains_becomes_what_the_entries_add_up_to(self) -> None:
        right = TokenIssue.objects.get(pk=self.issue.pk).remaining
        change(TokenIssue, self.issue.pk, remaining=4000)
        entries = LedgerEntry.objects.count()
        self.repair("issue_sums")
        assert TokenIssue.objects.get(pk=self.issue.pk).remaining == right
        assert LedgerEntry.objects.count() == entries

    def test_entries_that_add_up_to_less_than_nothing_are_left_to_people(self) -> None:
        self.new_entry(kind=EntryKind.ADJUSTMENT_DOWN, amount=-4000)
        assert self.find_one("issue_sums").repair is None

    def test_a_repair_that_was_overtaken_changes_nothing(self) -> None:
        change(TokenIssue, self.issue.pk, remaining=4000)
        repair = self.find_one("issue_sums").repair
        assert repair is not None
        self.new_entry(kind=EntryKind.ADJUSTMENT_DOWN, amount=-4000)
        assert repair.run() is False
        assert TokenIssue.objects.get(pk=self.issue.pk).remaining == 4000

    def test_a_lost_debit_does_not_become_tokens_to_spend(self) -> None:
        [debit] = LedgerEntry.objects.filter(redemption=self.paid, issue=self.issue)
        change(TokenIssue, self.issue.pk, remaining=4000)
        repair = self.find_one("issue_sums").repair
        assert repair is not None
        remove(LedgerEntry, debit.pk)
        assert self.find_one("issue_sums").repair is None
        assert repair.run() is False
        assert TokenIssue.objects.get(pk=self.issue.pk).remaining == 4000

    def test_a_lost_opening_takes_no_tokens_away(self) -> None:
        self.new_entry(kind=EntryKind.ADJUSTMENT_UP, amount=9)
        remove(LedgerEntry, self.issue.entries.get(kind=EntryKind.ISSUE).pk)
        assert self.find_one("issue_sums").repair is None

    def test_a_lost_cancellation_brings_nothing_back(self) -> None:
        issue = self.wallet_order.issue
        assert issue is not None
        remove(LedgerEntry, issue.entries.get(kind=EntryKind.CANCELLATION).pk)
        assert self.find_one("issue_sums").repair is None

    def test_expiry_is_recorded(self) -> None:
        factories.issue_tokens(self.account, self.gold, 3, now=NOW, expires_at=NOW + DAY)
        self.repair("unrecorded_expiry", now=NOW + 2 * DAY)
        assert LedgerEntry.objects.filter(kind=EntryKind.EXPIRY, amount=-3).exists()

    def test_a_code_that_a_payment_proves_used_is_redeemed(self) -> None:
        code = self.order.codes.get(serial=1)
        change(TokenCode, code.pk, status="available")
        self.repair("redemption_codes")
        assert TokenCode.objects.get(pk=code.pk).status == "redeemed"

    def test_a_code_that_was_refunded_and_used_is_left_to_people(self) -> None:
        cancellation = TokenOrderCancellation.objects.get(idempotency_key="unused")
        code = self.order.codes.get(serial=1)
        change(TokenCode, code.pk, status="cancelled", cancellation=cancellation)
        assert self.find_one("redemption_codes").repair is None

    def test_a_burnt_code_is_not_given_out_again(self) -> None:
        change(TokenCode, self.order.codes.get(serial=3).pk, status="redeemed")
        assert self.find_one("redeemed_codes").repair is None

    def test_reserved_redemptions_of_both_kinds_whose_learners_are_in_are_completed(self) -> None:
        [by_code] = Redemption.objects.filter(code__serial=1)
        for redemption in (by_code, self.paid):
            change(Redemption, redemption.pk, state="reserved", completed_at=None)
            self.repair("reserved_redemptions")
            redemption.refresh_from_db()
            assert (redemption.state, redemption.completed_at) == ("completed", NOW)

    def test_reserved_and_not_enrolled_or_not_paid_is_left_to_people(self) -> None:
        change(Redemption, self.paid.pk, state="reserved", completed_at=None)
        mine = CourseEnrollment.objects.filter(user=self.paid.learner)
        for fields in ({"is_active": False}, {"is_active": True, "mode": "audit"}):
            mine.update(**fields)
            assert self.find_one("reserved_redemptions").repair is None
        mine.update(mode="verified")
        change(Redemption, self.paid.pk, tokens=8)
        assert self.find_one("reserved_redemptions").repair is None

    def test_a_repair_of_a_redemption_that_was_reversed_meanwhile_changes_nothing(self) -> None:
        change(Redemption, self.paid.pk, state="reserved", completed_at=None)
        repair = self.find_one("reserved_redemptions").repair
        assert repair is not None
        change(
            Redemption, self.paid.pk, state="reversed", live=None, completed_at=NOW, reversed_at=NOW
        )
        assert repair.run() is False
        assert Redemption.objects.get(pk=self.paid.pk).state == "reversed"
