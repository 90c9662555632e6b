"""Notice."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Notice(models.Model):
    """A mail that leaves once. ``claimed_at`` None: it was refused, and may be tried again.

    .. pii: The key may have a digest of the address that the mail went to
    .. pii_types: email_address
    .. pii_retirement: local_api
    """

    key = models.CharField(max_length=100, unique=True)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("notice")

    def __str__(self) -> str:
        return self.key
