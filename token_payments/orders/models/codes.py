"""TokenCode, TokenOrderCancellation, CancellationRequest: what an order made, and what ended."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from token_payments.orders.models.orders import TokenOrder


class CodeStatus(models.TextChoices):
    AVAILABLE = "available", _("Available")
    REDEEMED = "redeemed", _("Redeemed")
    CANCELLED = "cancelled", _("Cancelled")
    REPLACED = "replaced", _("Replaced")


class TokenOrderCancellation(models.Model):
    """Some unused codes of an order, cancelled, and the money refunded for them.

    ``serials`` are the numbers of codes that were chosen (``orders/serials.py``); empty: any.

    .. pii: The reason may name a person
    .. pii_types: other
    .. pii_retirement: local_api
    """

    order = models.ForeignKey(TokenOrder, on_delete=models.PROTECT, related_name="cancellations")
    quantity = models.PositiveIntegerField(_("tokens cancelled"))
    serials = models.CharField(_("token numbers"), max_length=255, blank=True)
    refund_amount = models.DecimalField(_("refund amount"), max_digits=13, decimal_places=3)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    reason = models.CharField(_("reason"), max_length=255, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    idempotency_key = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("token cancellation / refund")
        verbose_name_plural = _("token cancellations / refunds")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(refund_amount__gte=0),
                name="token_payments_refund_not_negative",
            ),
        )

    def __str__(self) -> str:
        return f"{self.order}: {self.quantity}"


class TokenCode(models.Model):
    """One single-use code of an order; ``serial`` counts from 1.

    Of the code itself only ``code_hash`` is kept, and its last four characters to tell it by.
    ``replaces`` is the code in whose place it was made.

    .. no_pii:
    """

    order = models.ForeignKey(
        TokenOrder,
        on_delete=models.PROTECT,
        db_index=False,  # a unique constraint begins with it
        related_name="codes",
    )
    serial = models.PositiveIntegerField()
    code_hash = models.CharField(max_length=32, unique=True)
    last_four = models.CharField(max_length=4)
    status = models.CharField(
        max_length=10, choices=CodeStatus.choices, default=CodeStatus.AVAILABLE
    )
    cancellation = models.ForeignKey(
        TokenOrderCancellation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="codes",
    )
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )

    class Meta:
        verbose_name = _("token code")
        verbose_name_plural = _("token codes")
        constraints = (
            models.UniqueConstraint(
                fields=("order", "serial"), name="token_payments_code_serial_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=CodeStatus.values),
                name="token_payments_code_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(cancellation__isnull=True)
                | models.Q(status=CodeStatus.CANCELLED),
                name="token_payments_code_cancellation_cancelled",
            ),
        )
        indexes = (
            models.Index(fields=("order", "status", "serial"), name="token_payments_code_status"),
        )

    def __str__(self) -> str:
        return f"…{self.last_four}"


class CancellationRequest(models.Model):
    """A buyer asks for unused codes or tokens to be cancelled; open until somebody answers it.

    ``serials`` are the numbers of codes that were chosen (``orders/serials.py``); empty: any.
    Granted: ``cancellation`` is what was cancelled. Declined: ``answer`` says why.

    .. pii: Reason and answer may name a person
    .. pii_types: other
    .. pii_retirement: local_api
    """

    order = models.ForeignKey(
        TokenOrder, on_delete=models.PROTECT, related_name="cancellation_requests"
    )
    quantity = models.PositiveIntegerField(_("tokens"), validators=[MinValueValidator(1)])
    serials = models.CharField(_("token numbers"), max_length=255, blank=True)
    reason = models.CharField(_("reason"), max_length=255, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    idempotency_key = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("time"))
    cancellation = models.OneToOneField(
        TokenOrderCancellation, on_delete=models.PROTECT, null=True, related_name="request"
    )
    answer = models.CharField(_("answer"), max_length=255, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("cancellation request")
        verbose_name_plural = _("cancellation requests")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.order}: {self.quantity}"
