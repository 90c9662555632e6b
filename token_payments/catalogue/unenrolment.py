"""Whether what was paid comes back when somebody leaves a course: the site's or the item's rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from token_payments.catalogue.models import (
    CatalogueItem,
    EnrolmentSettings,
    ItemUnenrolmentPolicy,
    UnenrolmentPolicy,
)
from token_payments.l10n.dates import end_of_day, last_day


@dataclass(frozen=True)
class UnenrolmentRule:
    """The rule that holds for an item; ``days`` counts for WITHIN_DAYS alone."""

    policy: UnenrolmentPolicy
    days: int

    def compute_deadline(self, *, paid_at: datetime, starts: datetime | None) -> datetime | None:
        """The instant from which leaving gives nothing back; None where no instant decides.

        Days end with the local day, as everywhere: paid today, one day means until tomorrow night.
        """
        if self.policy == UnenrolmentPolicy.UNTIL_START:
            return starts
        if self.policy == UnenrolmentPolicy.WITHIN_DAYS:
            first = max(paid_at, starts) if starts else paid_at
            day = last_day(first + timedelta(microseconds=1))
            return end_of_day(day + timedelta(days=self.days))
        return None

    def gives_back(
        self, *, left_at: datetime, paid_at: datetime, starts: datetime | None, by_staff: bool
    ) -> bool:
        """Whether leaving at ``left_at`` gives back what was paid at ``paid_at``.

        A course without a start hasn't started.
        """
        if self.policy == UnenrolmentPolicy.NEVER:
            return False
        if self.policy == UnenrolmentPolicy.STAFF_ONLY:
            return by_staff
        deadline = self.compute_deadline(paid_at=paid_at, starts=starts)
        return deadline is None or left_at < deadline


def get_rule(item: CatalogueItem) -> UnenrolmentRule:
    """The item's own rule where it has one, else the site's."""
    settings = EnrolmentSettings.current()
    days = item.unenrolment_days
    days = settings.unenrolment_days if days is None else days
    if item.unenrolment_policy == ItemUnenrolmentPolicy.DEFAULT:
        return UnenrolmentRule(UnenrolmentPolicy(settings.unenrolment_policy), days)
    return UnenrolmentRule(UnenrolmentPolicy(item.unenrolment_policy), days)
