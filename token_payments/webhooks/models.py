"""WebhookEndpoint, WebhookEvent and WebhookDelivery."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

MAX_URL = 500


class OffReason(models.TextChoices):
    """Why the plugin, not a person, switched an endpoint off."""

    FAILING = "failing", _("It failed for days")
    GONE = "gone", _("It answered that it is gone for good")


class WebhookEndpoint(models.Model):
    """An address that is told of events: of its account, or of the whole site (``account`` None).

    Its secrets are derived: the present one from ``secret_serial`` with the key ``secret_key``. The
    one before it, with ``previous_key``, signs as well until ``previous_until``. ``event_types``
    has the types that are sent; empty: all. ``failing_since`` is when the first attempt failed
    that no success has followed. Until ``busy_until`` one worker is at its deliveries; at
    ``served_at`` the last one began.

    .. pii: The description was written by a person
    .. pii_types: name
    .. pii_retirement: local_api
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(
        "token_payments.Account",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="webhook_endpoints",
        verbose_name=_("account"),
        help_text=_("Whose events are sent. Empty: everybody's."),
    )
    url = models.CharField(
        _("address"), max_length=MAX_URL, help_text=_("Where events are sent to: https://…")
    )
    description = models.CharField(
        _("description"), max_length=200, blank=True, help_text=_("What it is for.")
    )
    event_types = models.JSONField(_("events"), default=list, blank=True)
    is_active = models.BooleanField(
        _("switched on"),
        default=True,
        help_text=_("Switched off it gets nothing of what happens meanwhile."),
    )
    off_reason = models.CharField(
        _("switched off because"),
        max_length=8,
        choices=OffReason.choices,
        blank=True,
        editable=False,
    )
    failing_since = models.DateTimeField(_("failing since"), null=True, editable=False)
    secret_key = models.CharField(max_length=64, editable=False)
    secret_serial = models.PositiveIntegerField(default=1, editable=False)
    previous_key = models.CharField(max_length=64, blank=True, editable=False)
    previous_until = models.DateTimeField(null=True, editable=False)
    busy_until = models.DateTimeField(null=True, editable=False)
    served_at = models.DateTimeField(null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("added by"),
    )
    created_at = models.DateTimeField(_("added"), editable=False)
    history = HistoricalRecords(excluded_fields=["busy_until", "served_at"])

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        ordering = ("id",)

    def __str__(self) -> str:
        return self.url.split("?", 1)[0]


class WebhookEvent(models.Model):
    """An event as it is sent: ``body`` is JSON. Written in the transaction of its step.

    ``account_id`` has no foreign key: what pays locks no account for it. ``endpoint`` is set for
    an event of one endpoint alone, which a test is. ``handed_out_at`` is when its deliveries were
    made, None before.

    .. pii: Names that people gave things may stand in a body; people are there by their ids
    .. pii_types: name
    .. pii_retirement: local_api
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    type = models.CharField(_("event"), max_length=100)
    account_id = models.BigIntegerField(null=True)
    endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.CASCADE, null=True, related_name="tests"
    )
    body = models.TextField(_("what is sent"))
    created_at = models.DateTimeField(_("time"))
    handed_out_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("webhook event")
        verbose_name_plural = _("webhook events")
        indexes = (
            models.Index(fields=("handed_out_at", "id"), name="token_payments_hook_waiting"),
            models.Index(fields=("created_at",), name="token_payments_hook_age"),
        )

    def __str__(self) -> str:
        return f"{self.type} {self.uuid}"


class DeliveryState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Failed")


class DeliveryProblem(models.TextChoices):
    """The problem of the last attempt."""

    ADDRESS = "address", _("The name leads to no address that may be reached")
    CONNECTION = "connection", _("No connection")
    TLS = "tls", _("The certificate isn't valid for this name")
    TIMEOUT = "timeout", _("No answer in time")
    REDIRECT = "redirect", _("It redirects, which is not followed")
    STATUS = "status", _("The receiver refused it")
    ANSWER = "answer", _("The answer can't be read")
    KEY = "key", _("The key of its secret is missing in the settings")


class WebhookDelivery(models.Model):
    """One event for one endpoint, and what became of the last attempt.

    While ``waiting`` it is due at ``next_at``, and until ``claimed_until`` a worker is at it.
    ``response`` is the beginning of what the receiver said.

    .. pii: A receiver may answer with names
    .. pii_types: name, email_address
    .. pii_retirement: local_api
    """

    endpoint = models.ForeignKey(
        WebhookEndpoint,
        on_delete=models.CASCADE,
        related_name="deliveries",
        verbose_name=_("endpoint"),
        db_index=False,  # a unique constraint begins with it
    )
    event = models.ForeignKey(
        WebhookEvent, on_delete=models.CASCADE, related_name="deliveries", verbose_name=_("event")
    )
    state = models.CharField(
        _("state"),
        max_length=9,
        choices=DeliveryState.choices,
        default=DeliveryState.WAITING,
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_at = models.DateTimeField(_("next attempt"), null=True)
    claimed_until = models.DateTimeField(null=True)
    last_at = models.DateTimeField(_("last attempt"), null=True)
    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True)
    problem = models.CharField(
        _("problem"), max_length=10, choices=DeliveryProblem.choices, blank=True
    )
    response = models.CharField(_("response"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("endpoint", "event"), name="token_payments_delivery_once"
            ),
            models.CheckConstraint(
                condition=models.Q(next_at__isnull=False) | ~models.Q(state="waiting"),
                name="token_payments_delivery_waits_until",
            ),
        )
        indexes = (
            models.Index(
                fields=("endpoint", "state", "next_at"), name="token_payments_delivery_due"
            ),
        )

    def __str__(self) -> str:
        return f"{self.event_id} → {self.endpoint_id}"
