"""AssignmentBatch, CodeAssignment and OrderDelegate."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from token_payments.orders.models import TokenCode, TokenOrder

MAX_RECIPIENTS = 5000  # in one batch


class AssignmentBatch(models.Model):
    """Assignments that were made at once; ``idempotency_key`` is of the request that made them.

    .. no_pii:
    """

    order = models.ForeignKey(TokenOrder, on_delete=models.PROTECT, related_name="batches")
    quantity = models.PositiveIntegerField(_("learners"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    idempotency_key = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("assignment batch")
        verbose_name_plural = _("assignment batches")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.order}: {self.quantity}"


class MailState(models.TextChoices):
    """The state of an assignment's mail; one that stays SENDING may have left or not."""

    WAITING = "waiting", _("Waiting to be sent")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Could not be sent")


class CodeAssignment(models.Model):
    """One code, given to one address.

    ``live`` is True while it counts and NULL once the code was taken away: the unique constraint
    over it holds for live rows only, since NULLs never collide. ``email`` is in lower case.
    ``is_open``: whoever has the code may use it. ``mailed_at`` is the last time that a mail left,
    ``reminders`` how often after the first.

    .. pii: Name and address of the person whom the code is for
    .. pii_types: name, email_address
    .. pii_retirement: local_api
    """

    batch = models.ForeignKey(AssignmentBatch, on_delete=models.PROTECT, related_name="assignments")
    code = models.ForeignKey(TokenCode, on_delete=models.PROTECT, related_name="assignments")
    live = models.BooleanField(null=True, default=True)
    email = models.EmailField(_("e-mail address"), max_length=254)
    name = models.CharField(_("name"), max_length=255, blank=True)
    is_open = models.BooleanField(_("open to others"), default=False)
    mail_state = models.CharField(
        _("mail"), max_length=8, choices=MailState.choices, default=MailState.WAITING
    )
    mail_error = models.CharField(_("why not"), max_length=255, blank=True)
    mail_claimed_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(_("mailed"), null=True)
    reminders = models.PositiveSmallIntegerField(_("reminders"), default=0)
    created_at = models.DateTimeField(_("assigned"))
    ended_at = models.DateTimeField(_("taken back"), null=True)

    class Meta:
        verbose_name = _("code assignment")
        verbose_name_plural = _("code assignments")
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("code", "live"), name="token_payments_assignment_code_once"
            ),
            models.CheckConstraint(
                condition=models.Q(live=True, ended_at__isnull=True)
                | models.Q(live__isnull=True, ended_at__isnull=False),
                name="token_payments_assignment_live_or_ended",
            ),
            models.CheckConstraint(
                condition=models.Q(mail_state__in=MailState.values),
                name="token_payments_assignment_mail_known",
            ),
        )
        indexes = (models.Index(fields=("email", "live"), name="token_payments_assignment_mail"),)

    def __str__(self) -> str:
        return f"{self.code} · {self.mail_state}"


class OrderDelegate(models.Model):
    """Somebody who sees and distributes an order beside its buyer.

    .. no_pii:
    """

    order = models.ForeignKey(TokenOrder, on_delete=models.CASCADE, related_name="delegates")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="delegated_token_orders",
        verbose_name=_("user"),
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    created_at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("delegate")
        verbose_name_plural = _("delegates")
        constraints = (
            models.UniqueConstraint(
                fields=("order", "user"), name="token_payments_delegate_unique"
            ),
        )

    def __str__(self) -> str:
        return f"{self.order} · {self.user_id}"
