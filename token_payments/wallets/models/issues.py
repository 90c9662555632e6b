"""Issues of tokens, transfers of them, and the site's switches for both."""

from __future__ import annotations

from typing import Any, NoReturn

from config_models.models import ConfigurationModel
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from token_payments.errors import LedgerIsAppendOnly
from token_payments.wallets.models.accounts import Wallet

MAX_ISSUE = 10_000_000
MAX_REMAINING = 2_147_483_647  # what every database takes for the column


class IssueSource(models.TextChoices):
    MANUAL = "manual", _("Raised by hand")
    ORDER = "order", _("Token order")
    REFUND = "refund", _("Refund")
    TRANSFER = "transfer", _("Transfer")


class TokenIssue(models.Model):
    """Tokens that were raised together, usable in [issued_at, expires_at); None never expires.

    ``remaining`` is what the entries of the issue add up to. ``unit_price`` is money per token.

    .. pii: The reference may name a person
    .. pii_types: other
    .. pii_retirement: local_api
    """

    wallet = models.ForeignKey(
        Wallet,
        on_delete=models.PROTECT,
        db_index=False,  # an index of three begins with it
        related_name="issues",
    )
    quantity = models.PositiveIntegerField(
        _("tokens"), validators=[MinValueValidator(1), MaxValueValidator(MAX_ISSUE)]
    )
    remaining = models.PositiveIntegerField(_("remaining"))
    issued_at = models.DateTimeField(_("issued"))
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=8, choices=IssueSource.choices)
    reference = models.CharField(_("reference"), max_length=128, blank=True)
    unit_price = models.DecimalField(
        _("price per token"), max_digits=13, decimal_places=3, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    use_last = models.BooleanField(
        _("use last"), default=False, help_text=_("Spent after all others, whatever their expiry.")
    )
    idempotency_key = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = _("token issue")
        verbose_name_plural = _("token issues")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(remaining__gte=0), name="token_payments_issue_not_overdrawn"
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1) & models.Q(quantity__lte=MAX_ISSUE),
                name="token_payments_issue_quantity_in_range",
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__isnull=True)
                | models.Q(expires_at__gt=models.F("issued_at")),
                name="token_payments_issue_expires_after_issue",
            ),
        )
        indexes = (
            models.Index(
                fields=("wallet", "expires_at", "issued_at"), name="token_payments_issue_burn"
            ),
            models.Index(fields=("expires_at",), name="token_payments_issue_expiry"),
        )

    def __str__(self) -> str:
        return f"{self.wallet}: {self.remaining}/{self.quantity}"

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise LedgerIsAppendOnly(str(self))


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


class TokenSettings(ConfigurationModel):
    """The site's switches for wallets. Every change is a new row with its author and time.

    .. no_pii:
    """

    cache_timeout = 60  # seconds; a change by another process is seen after so long at the latest

    enabled = models.BooleanField(default=True, editable=False)  # config_models' own; unused here
    manual_issues_allowed = models.BooleanField(
        _("Allow Manual Raising of Issues"),
        default=True,
        help_text=_("Off: tokens are issued by processing a token order, and in no other way."),
    )
    adjustments_allowed = models.BooleanField(
        _("Allow Adjustments to Token Issues"),
        default=True,
        help_text=_(
            "Off: balances change by orders, their cancellation, redemptions and reversals only."
        ),
    )

    refund_grace_days = models.PositiveSmallIntegerField(
        _("days of grace for tokens that come back"),
        default=0,
        help_text=_(
            "Tokens that are given back after they expired can be spent for so many days more. "
            "0: they stay expired."
        ),
    )
    transfers_allowed = models.BooleanField(
        _("Allow managers to transfer tokens"),
        default=False,
        help_text=_("Between accounts that they manage. Staff may always."),
    )

    class Meta:
        verbose_name = _("training token settings")
        verbose_name_plural = _("training token settings")
