"""TokenSettings: the site's switches for wallets."""

from __future__ import annotations

from config_models.models import ConfigurationModel
from django.db import models
from django.utils.translation import gettext_lazy as _


class TokenSettings(ConfigurationModel):
    """The site's switches for wallets. Every change is a new row with its author and time.

    .. no_pii:
    """

    cache_timeout = 60  # seconds; a change by another process is seen after so long at the latest

    enabled = models.BooleanField(default=True, editable=False)  # config_models' own; unused here
    manual_issues_allowed = models.BooleanField(
        _("Allow Manual Raising of Issues"),
        default=True,
        help_text=_("Off: tokens are issued by processing a token order, and in no other way."),
    )
    adjustments_allowed = models.BooleanField(
        _("Allow Adjustments to Token Issues"),
        default=True,
        help_text=_(
            "Off: balances change by orders, their cancellation, redemptions and reversals only."
        ),
    )

    refund_grace_days = models.PositiveSmallIntegerField(
        _("days of grace for tokens that come back"),
        default=0,
        help_text=_(
            "Tokens that are given back after they expired can be spent for so many days more. "
            "0: they stay expired."
        ),
    )
    transfers_allowed = models.BooleanField(
        _("Allow managers to transfer tokens"),
        default=False,
        help_text=_("Between accounts that they manage. Staff may always."),
    )

    class Meta:
        verbose_name = _("training token settings")
        verbose_name_plural = _("training token settings")
