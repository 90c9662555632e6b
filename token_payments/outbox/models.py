"""Notice, PendingTask, StoredAnswer."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Notice(models.Model):
    """A mail that leaves once. ``claimed_at`` None: it was refused, and may be tried again.

    From ``forget_after`` on nothing asks for it any more; None: for as long as what it tells of.

    .. pii: The key may have a digest of the address that the mail went to
    .. pii_types: email_address
    .. pii_retirement: local_api
    """

    key = models.CharField(max_length=100, unique=True)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    forget_after = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes = (models.Index(fields=("forget_after",), name="token_payments_notice_old"),)

    def __str__(self) -> str:
        return self.key


class PendingTask(models.Model):
    """Work for a worker that isn't known to be done: ``task`` with ``arguments``, a list as JSON.

    ``queued_at`` is when a broker took it the last time, None while none has.

    .. no_pii:
    """

    task = models.CharField(max_length=100)
    arguments = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    queued_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("pending task")
        verbose_name_plural = _("pending tasks")
        ordering = ("id",)
        indexes = (models.Index(fields=("task", "arguments"), name="token_payments_pending_task"),)

    def __str__(self) -> str:
        return f"{self.task} {self.arguments}"


class StoredAnswer(models.Model):
    """A request of the REST API with its key, and what it was answered.

    ``key`` is a digest of what the client sent, ``fingerprint`` one of the request, ``claim`` of
    whoever runs it. ``status`` is None while it runs. ``body`` is JSON, ``headers`` those that
    belong to it.

    .. pii: Answers name learners and members
    .. pii_types: username, email_address, name
    .. pii_retirement: local_api
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        db_index=False,  # a unique constraint begins with it
        related_name="+",
        verbose_name=_("user"),
    )
    key = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    claim = models.UUIDField()
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    claimed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("stored answer")
        verbose_name_plural = _("stored answers")
        constraints = (
            models.UniqueConstraint(fields=("user", "key"), name="token_payments_answer_once"),
        )
        indexes = (models.Index(fields=("claimed_at",), name="token_payments_answer_age"),)

    def __str__(self) -> str:
        return f"{self.user_id} · {self.status}"
