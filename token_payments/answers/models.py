"""StoredAnswer."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


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
