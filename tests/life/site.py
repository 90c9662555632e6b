"""What the site's people decide, and time."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import strategies as st

from tests import factories
from tests.life.codes import COURSE, LEARNER
from tests.life.model import Rule, find_midnight
from tests.life.rules import rule
from tests.life.world import COURSES, DAY, RARELY, World
from token_payments.models import AccountRole, CatalogueItem, TokenSettings
from token_payments.wallets import operations as wallet_operations

POLICIES = ["never", "until_start", "within_days", "staff_only", "within_days"]
TICKS = st.integers(-1, 1)
#: London's clocks: the first instants of winter and of summer time.
CHANGES = ("2026-10-25T01:00+00:00", "2027-03-28T01:00+00:00", "2027-10-31T01:00+00:00")


class SiteRules(World):
    # --- decisions ------------------------------------------------------------------------------
    @rule(account=st.integers(0, 1), frozen=RARELY)
    def freeze(self, data: st.DataObject, account: int, frozen: bool) -> None:
        change = wallet_operations.freeze_account if frozen else wallet_operations.unfreeze_account
        change(self.accounts[account].pk, actor=self.staff)
        (self.frozen.add if frozen else self.frozen.discard)(account)

    @rule(kind=st.integers(0, 1), archived=RARELY)
    def archive(self, data: st.DataObject, kind: int, archived: bool) -> None:
        change = wallet_operations.archive_type if archived else wallet_operations.restore_type
        change(self.types[kind].pk, actor=self.staff)
        (self.archived.add if archived else self.archived.discard)(kind)

    @rule(days=st.sampled_from([0, 1, 7]), new_code=st.booleans())
    def decide(self, data: st.DataObject, days: int, new_code: bool) -> None:
        self.grace = days
        self.code_reversal = "new_for_buyer" if new_code else "same_learner"
        TokenSettings.objects.create(refund_grace_days=days)
        factories.allow_paid(code_reversal=self.code_reversal)

    @rule(course=COURSE, policy=st.sampled_from(POLICIES), days=st.integers(0, 20))
    def change_rule(self, data: st.DataObject, course: int, policy: str, days: int) -> None:
        rows = CatalogueItem.objects.filter(item_key=COURSES[course])
        rows.update(unenrolment_policy=policy, unenrolment_days=days)
        self.rules[course] = Rule(policy, days)

    @rule(learner=LEARNER)
    def change_member(self, data: st.DataObject, learner: int) -> None:
        account, user = self.accounts[0], self.learners[learner]
        if (0, learner) in self.members:
            assert wallet_operations.remove_member(account, user, actor=self.buyer)
        else:
            wallet_operations.set_member(account, user, AccountRole.MEMBER, actor=self.buyer)
        self.members ^= {(0, learner)}

    # --- time -----------------------------------------------------------------------------------
    @rule(days=st.integers(1, 50), minutes=st.integers(0, 1439))
    def wait(self, data: st.DataObject, days: int, minutes: int) -> None:
        self.now += days * DAY + timedelta(minutes=minutes)

    @rule(hours=st.integers(1, 40))
    def wait_a_little(self, data: st.DataObject, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(ticks=TICKS)
    def wait_for_midnight(self, data: st.DataObject, ticks: int) -> None:
        self.wait_until(find_midnight(self.now, 0), ticks)

    @rule(ticks=TICKS)
    def wait_for_an_end(self, data: st.DataObject, ticks: int) -> None:
        """Of an issue, or of the last day of an order's codes."""
        ends = [lot.ends for lot in self.lots] + [order.redeem_by for order in self.orders]
        self.wait_until(min((end for end in ends if end and end > self.now), default=None), ticks)

    @rule(ticks=TICKS)
    def wait_for_the_clocks(self, data: st.DataObject, ticks: int) -> None:
        later = [datetime.fromisoformat(change) for change in CHANGES]
        soon = [one for one in later if self.now < one < self.now + 60 * DAY]
        self.wait_until(min(soon, default=None), ticks)

    def wait_until(self, instant: datetime | None, ticks: int) -> None:
        if instant is not None:
            self.now = max(self.now, instant + ticks * datetime.resolution)
