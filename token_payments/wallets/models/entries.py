"""LedgerEntry: every change of what remains of an issue."""

from __future__ import annotations

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from token_payments.errors import LedgerIsAppendOnly
from token_payments.wallets.models.issues import TokenIssue, TokenTransfer


class EntryKind(models.TextChoices):
    """Why tokens came or went. The sign of an entry's amount follows its kind."""

    ISSUE = "issue", _("Issued")
    DEBIT = "debit", _("Spent")
    REVERSAL = "reversal", _("Given back")
    EXPIRY = "expiry", _("Expired")
    ADJUSTMENT_UP = "adjust_up", _("Adjusted up")
    ADJUSTMENT_DOWN = "adjust_down", _("Adjusted down")
    CANCELLATION = "cancel", _("Cancelled")
    TRANSFER = "transfer", _("Transferred away")
    EXTENSION = "extension", _("Expiry extended")
    USE_LAST = "use_last", _("Marked “use last”")
    USE_IN_TURN = "use_in_turn", _("No longer “use last”")


POSITIVE = (EntryKind.ISSUE, EntryKind.REVERSAL, EntryKind.ADJUSTMENT_UP)
NEGATIVE = (
    EntryKind.DEBIT,
    EntryKind.EXPIRY,
    EntryKind.ADJUSTMENT_DOWN,
    EntryKind.CANCELLATION,
    EntryKind.TRANSFER,
)
NEUTRAL = (EntryKind.EXTENSION, EntryKind.USE_LAST, EntryKind.USE_IN_TURN)


class LedgerQuerySet(models.QuerySet["LedgerEntry"]):
    """Rows can be added and read."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise LedgerIsAppendOnly("update")

    def bulk_create(
        self, objs: Any, batch_size: int | None = None, *conflicts: Any, **named: Any
    ) -> Any:
        if any(conflicts) or any(named.values()):
            raise LedgerIsAppendOnly("bulk_create")
        return super().bulk_create(objs, batch_size)

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise LedgerIsAppendOnly("bulk_update")

    def delete(self) -> NoReturn:
        raise LedgerIsAppendOnly("delete")


class LedgerEntry(models.Model):
    """One change of an issue's remaining tokens; only ever added.

    ``redemption`` is what a debit paid for, or what a reversal gave back. The column ``issue`` has
    no foreign key in the database: on InnoDB its check would lock the issue's row shared, and two
    debits of one wallet would then wait for each other. ``idempotency_key`` is None where the
    operation has another natural key. ``expires_from`` and ``expires_to`` are an extension's, which
    moves no tokens; None for ``expires_to`` is never. Both sides of a ``transfer`` name it.

    .. pii: The reason may name a person
    .. pii_types: other
    .. pii_retirement: local_api
    """

    issue = models.ForeignKey(
        TokenIssue, on_delete=models.PROTECT, related_name="entries", db_constraint=False
    )
    kind = models.CharField(_("what"), max_length=12, choices=EntryKind.choices)
    amount = models.IntegerField(_("tokens"))
    redemption = models.ForeignKey(
        "token_payments.Redemption",
        on_delete=models.PROTECT,
        null=True,
        related_name="entries",
        db_constraint=False,
    )
    transfer = models.ForeignKey(
        TokenTransfer, on_delete=models.PROTECT, null=True, related_name="entries"
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    reason = models.CharField(_("reason"), max_length=255, blank=True)
    expires_from = models.DateTimeField(null=True)
    expires_to = models.DateTimeField(null=True)
    idempotency_key = models.CharField(max_length=64, null=True, unique=True)
    created_at = models.DateTimeField(_("time"))

    objects = LedgerQuerySet.as_manager()

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        ordering = ("-id",)
        base_manager_name = "objects"  # what related managers write through, too
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind__in=POSITIVE, amount__gt=0)
                | models.Q(kind__in=NEGATIVE, amount__lt=0)
                | models.Q(kind__in=NEUTRAL, amount=0),
                name="token_payments_entry_sign_follows_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=EntryKind.EXTENSION, expires_from__isnull=False)
                | models.Q(
                    ~models.Q(kind=EntryKind.EXTENSION),
                    expires_from__isnull=True,
                    expires_to__isnull=True,
                ),
                name="token_payments_entry_extension_from_when",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=EntryKind.TRANSFER, transfer__isnull=False)
                | models.Q(kind=EntryKind.ISSUE)
                | models.Q(
                    ~models.Q(kind__in=(EntryKind.TRANSFER, EntryKind.ISSUE)),
                    transfer__isnull=True,
                ),
                name="token_payments_entry_transfer_kinds",
            ),
        )

    def __str__(self) -> str:
        return f"{self.issue_id}: {self.kind} {self.amount:+d}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise LedgerIsAppendOnly(str(self))
        # or a row with the number of another one would be written over that one
        super().save(*args, **kwargs | {"force_insert": True})

    def _do_update(self, *args: Any, **kwargs: Any) -> Any:
        """Fixtures pass ``save`` by and try this first: no row is found, and a new one is added."""
        return False

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise LedgerIsAppendOnly(str(self))
