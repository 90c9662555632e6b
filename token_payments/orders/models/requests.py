"""Cancellation requests of buyers."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from token_payments.orders.models.codes import TokenOrderCancellation
from token_payments.orders.models.orders import TokenOrder


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
