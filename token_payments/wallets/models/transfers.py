"""TokenTransfer: tokens that went from one account to another."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from token_payments.wallets.models.accounts import Wallet
from token_payments.wallets.models.issues import MAX_ISSUE, TokenIssue


class TokenTransfer(models.Model):
    """Tokens of one type that went from ``source`` to ``target``; never changed or deleted.

    Its ledger entries come in pairs: what left an issue of ``source``, and what a new issue of
    ``target`` began with. ``issue`` is the one that was asked for, None where burn order decided.

    .. pii: The reason may name a person
    .. pii_types: other
    .. pii_retirement: local_api
    """

    source = models.ForeignKey(
        Wallet, on_delete=models.PROTECT, related_name="transfers_out", verbose_name=_("from")
    )
    target = models.ForeignKey(
        Wallet, on_delete=models.PROTECT, related_name="transfers_in", verbose_name=_("to")
    )
    quantity = models.PositiveIntegerField(_("tokens"))
    issue = models.ForeignKey(
        TokenIssue, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    reason = models.CharField(_("reason"), max_length=255, blank=True)
    idempotency_key = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("token transfer")
        verbose_name_plural = _("token transfers")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1) & models.Q(quantity__lte=MAX_ISSUE),
                name="token_payments_transfer_quantity_in_range",
            ),
            models.CheckConstraint(
                condition=~models.Q(source=models.F("target")),
                name="token_payments_transfer_between_two",
            ),
        )

    def __str__(self) -> str:
        return f"{self.source_id} → {self.target_id}: {self.quantity}"
