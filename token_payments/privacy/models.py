"""Retirement."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Retirement(models.Model):
    """That a user's personal values were removed, first and last; ``values`` counts them.

    What invoices keep until the law lets it go is found by it: the names are forgotten by then.

    .. no_pii:
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("user"),
    )
    first_at = models.DateTimeField(_("retired"))
    last_at = models.DateTimeField(_("last looked through"))
    values = models.PositiveIntegerField(_("values removed"), default=0)

    class Meta:
        verbose_name = _("retired user")
        verbose_name_plural = _("retired users")
        ordering = ("-id",)
        permissions = (("export_personal_data", "Can export all that is known of a person"),)

    def __str__(self) -> str:
        return str(self.user_id)
