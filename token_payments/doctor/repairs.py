"""Safe repairs: one side is known to be true, and nothing is invented.

Each repair is a transaction that looks again under locks, changes only what is still wrong, and
says so in the log.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from token_payments import models
from token_payments.checkout import states
from token_payments.doctor.agreement import may_trust_entries
from token_payments.hosts import host
from token_payments.orders.states import advance_codes
from token_payments.wallets import operations as wallet_operations

log = logging.getLogger(__name__)


def set_remaining(issue_id: int) -> bool:
    """Let an issue have what its entries add up to, unless that is below zero or in doubt."""
    with transaction.atomic():
        issue = models.TokenIssue.objects.select_for_update().get(pk=issue_id)
        total = models.LedgerEntry.objects.filter(issue=issue).aggregate(
            total=Sum("amount", default=0)
        )
        remaining = total["total"]
        if remaining < 0 or remaining == issue.remaining or not may_trust_entries(issue):
            return False
        models.TokenIssue.objects.filter(pk=issue_id).update(remaining=remaining)
    log.warning("issue %s: remaining was %s, is %s", issue_id, issue.remaining, remaining)
    return True


def record_expiry(now: datetime) -> bool:
    expired = wallet_operations.expire_all_issues(now=now)
    if not expired.issues:
        return False
    log.warning("expired: %s tokens of %s issues", expired.tokens, expired.issues)
    return True


def mark_redeemed(code_id: int) -> bool:
    """Let an available code be redeemed, since a live redemption was paid with it."""
    with transaction.atomic():
        payments = models.Redemption.objects.filter(code=code_id, live=True).select_for_update()
        if len(payments) != 1:
            return False
        code = models.TokenCode.objects.filter(pk=code_id, status=models.CodeStatus.AVAILABLE)
        if not advance_codes(code, "redeem"):
            return False
    log.warning("code %s: was available, is redeemed (%s)", code_id, payments[0].uuid)
    return True


def complete_redemption(redemption_id: int, now: datetime) -> bool:
    """Complete a reserved redemption that is paid, and whose learner is enrolled."""
    with transaction.atomic():
        redemption = models.Redemption.objects.select_for_update().get(pk=redemption_id)
        if redemption.state != models.RedemptionState.RESERVED or not is_finished(redemption):
            return False
        states.advance(redemption, "complete")
        redemption.completed_at = now
        redemption.save(update_fields=["state", "completed_at"])
    log.warning("redemption %s: was reserved, is completed", redemption.uuid)
    return True


def is_finished(redemption: models.Redemption) -> bool:
    """Whether all that a payment does has been done: it is paid, and the learner enrolled."""
    if redemption.code is not None:
        is_paid = redemption.code.status == models.CodeStatus.REDEEMED
    elif redemption.wallet_id is not None:
        drawn = redemption.entries.aggregate(total=Sum("amount", default=0))["total"]
        is_paid = -drawn == redemption.tokens
    else:
        return False  # another method's: only that one knows
    enrolment = host.get_enrolment(redemption.learner, redemption.item.item_key)
    is_enrolled = enrolment is not None and enrolment.is_active
    return is_paid and is_enrolled and enrolment.mode == redemption.mode  # type: ignore[union-attr]
