"""Notice."""

from __future__ import annotations

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
