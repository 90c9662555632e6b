"""TokenOrderLogEntry: what was done with an order and its codes."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from token_payments.orders.models.orders import TokenOrder


class TokenOrderAction(models.TextChoices):
    """The actions that an order's log may hold."""

    REQUESTED = "requested", _("Requested")
    CHANGED = "changed", _("Changed")
    PROCESSING = "processing", _("Processing started")
    PROCESSED = "processed", _("Processed")
    CANCELLED = "cancelled", pgettext_lazy("order", "Cancelled")
    CODES_CANCELLED = "codes_cancelled", _("Tokens cancelled")
    CODES_REVEALED = "codes_revealed", _("Tokens shown")
    CODES_DOWNLOADED = "codes_downloaded", _("Tokens downloaded")
    CODES_COPIED = "codes_copied", _("Tokens copied")
    CODES_MAILED = "codes_mailed", _("Tokens e-mailed")
    CODES_PRINTED = "codes_printed", _("Tokens printed")
    CODES_ASSIGNED = "codes_assigned", _("Tokens assigned")
    CODES_REVOKED = "codes_revoked", _("Token taken back and replaced")
    LEARNERS_REMINDED = "learners_reminded", _("Learners reminded")
    DELEGATE_ADDED = "delegate_added", _("Helper added")
    DELEGATE_REMOVED = "delegate_removed", _("Helper removed")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    CANCELLATION_REQUESTED = "cancel_requested", _("Cancellation requested")
    CANCELLATION_DECLINED = "cancel_declined", _("Cancellation declined")
    CODE_GIVEN_BACK = "code_given_back", _("Token given back")


class TokenOrderLogEntry(models.Model):
    """One step in an order's life, or one look at its codes; only ever added.

    ``quantity`` is the number of codes concerned, ``detail`` free text. ``actor`` is None where no
    person acted (a worker).

    .. pii: Details name helpers, and hold reasons that somebody wrote
    .. pii_types: username, other
    .. pii_retirement: local_api
    """

    order = models.ForeignKey(TokenOrder, on_delete=models.PROTECT, related_name="log")
    action = models.CharField(_("what"), max_length=20, choices=TokenOrderAction.choices)
    quantity = models.PositiveIntegerField(_("tokens"), null=True)
    detail = models.CharField(_("detail"), max_length=255, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    created_at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("log entry")
        verbose_name_plural = _("log")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.order}: {self.action}"
