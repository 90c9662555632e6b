"""BulkJob and BulkRow."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from token_payments.assignments.models import CodeAssignment
from token_payments.catalogue.models import CatalogueItem
from token_payments.checkout.models import Redemption
from token_payments.orders.models import TokenOrder
from token_payments.wallets.models import Wallet

MAX_ROWS = 5000  # of one job
MAX_ENTERED = 254


class JobKind(models.TextChoices):
    REDEEM = "redeem", _("Pay for members")
    ASSIGN = "assign", _("Assign tokens")


class JobState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")


class RowState(models.TextChoices):
    """CANCELLED rows were never tried."""

    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    SKIPPED = "skipped", _("Skipped")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Not tried")


class BulkJob(models.Model):
    """A piece of work on many rows: the operation, who asked for it, and its progress.

    ``tokens`` is the price agreed to for each. ``run`` counts how often the failed rows were begun
    anew, at ``queued_at`` the last time. ``claim`` is the worker's that may work until
    ``claimed_until``; nobody has it after that. ``fingerprint`` is of what the key stands for.

    .. no_pii:
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=8, choices=JobKind.choices)
    state = models.CharField(
        _("state"), max_length=9, choices=JobState.choices, default=JobState.WAITING
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    wallet = models.ForeignKey(
        Wallet, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("wallet")
    )
    item = models.ForeignKey(
        CatalogueItem, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("item")
    )
    tokens = models.PositiveIntegerField(_("tokens for each"), null=True)
    order = models.ForeignKey(
        TokenOrder, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("order")
    )
    is_open = models.BooleanField(_("open to others"), default=False)
    quantity = models.PositiveIntegerField(_("rows"))
    run = models.PositiveSmallIntegerField(_("run"), default=1)
    idempotency_key = models.CharField(max_length=64, unique=True)
    fingerprint = models.CharField(max_length=64)
    claim = models.UUIDField(null=True)
    claimed_until = models.DateTimeField()
    created_at = models.DateTimeField(_("time"))
    queued_at = models.DateTimeField()
    ended_at = models.DateTimeField(_("ended"), null=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("cancelled by"),
    )

    class Meta:
        verbose_name = _("bulk job")
        verbose_name_plural = _("bulk jobs")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(
                    kind=JobKind.REDEEM,
                    wallet__isnull=False,
                    item__isnull=False,
                    tokens__isnull=False,
                    order__isnull=True,
                )
                | Q(
                    kind=JobKind.ASSIGN,
                    wallet__isnull=True,
                    item__isnull=True,
                    tokens__isnull=True,
                    order__isnull=False,
                ),
                name="token_payments_job_of_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(state__in=(JobState.WAITING, JobState.RUNNING), ended_at__isnull=True)
                | Q(state__in=(JobState.DONE, JobState.CANCELLED), ended_at__isnull=False),
                name="token_payments_job_ended_or_not",
            ),
        )
        indexes = (models.Index(fields=("state", "claimed_until"), name="token_payments_job_open"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.pk}"


class BulkRow(models.Model):
    """One person of a job: ``entered`` is how they were named, ``number`` the place in the list.

    ``reason`` says why nothing was done, in the words of the API.

    .. pii: User names, names and addresses of those for whom a job is
    .. pii_types: username, name, email_address
    .. pii_retirement: local_api
    """

    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField(_("row"))
    entered = models.CharField(_("who"), max_length=MAX_ENTERED)
    name = models.CharField(_("name"), max_length=255, blank=True)
    state = models.CharField(
        _("state"), max_length=9, choices=RowState.choices, default=RowState.WAITING
    )
    reason = models.CharField(_("why not"), max_length=64, blank=True)
    redemption = models.ForeignKey(
        Redemption, on_delete=models.PROTECT, null=True, related_name="+"
    )
    assignment = models.ForeignKey(
        CodeAssignment, on_delete=models.PROTECT, null=True, related_name="+"
    )
    tried_at = models.DateTimeField(_("tried"), null=True)

    class Meta:
        verbose_name = _("row of a bulk job")
        verbose_name_plural = _("rows of bulk jobs")
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("job", "number"), name="token_payments_job_row_once"),
            models.CheckConstraint(
                condition=Q(state=RowState.DONE, redemption__isnull=False)
                | Q(state=RowState.DONE, assignment__isnull=False)
                | (
                    Q(state__in=[each for each in RowState.values if each != RowState.DONE])
                    & Q(redemption__isnull=True, assignment__isnull=True)
                ),
                name="token_payments_job_row_done",
            ),
        )
        indexes = (
            models.Index(fields=("job", "state", "number"), name="token_payments_job_row_state"),
        )

    def __str__(self) -> str:
        return f"{self.job_id} · {self.number}"
