"""Training token settings: who may raise, adjust and transfer tokens; days of grace."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from token_payments.admin.site_settings import SiteSettingsAdmin
from token_payments.models import TokenSettings


class TokenSettingsForm(forms.ModelForm):
    """Settings that a program leaves out stay as new settings have them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "refund_grace_days" in self.fields:
            self.fields["refund_grace_days"].required = False


@admin.register(TokenSettings)
class TokenSettingsAdmin(SiteSettingsAdmin):
    fields = (
        "manual_issues_allowed",
        "adjustments_allowed",
        "transfers_allowed",
        "refund_grace_days",
    )
    form = TokenSettingsForm
    columns = ("manual_issues", "adjustments", "transfers", "refund_grace_days")
    list_title = _("Training token settings")
    nothing_set = _(
        "Nothing has been set yet: issues may be raised, adjusted and transferred by hand, by "
        "those who have the permission."
    )

    def list_facts(self, row: TokenSettings) -> list[tuple[Any, Any]]:
        switches = (
            (_("Allow Manual Raising of Issues"), row.manual_issues_allowed),
            (_("Allow Adjustments to Token Issues"), row.adjustments_allowed),
            (_("Allow managers to transfer tokens"), row.transfers_allowed),
        )
        facts = [(name, _("on") if is_on else _("off")) for name, is_on in switches]
        return [*facts, (_("Days of grace for tokens that come back"), row.refund_grace_days)]

    @admin.display(description=_("manual raising"), boolean=True)
    def manual_issues(self, row: TokenSettings) -> bool:
        return bool(row.manual_issues_allowed)

    @admin.display(description=_("adjustments"), boolean=True)
    def adjustments(self, row: TokenSettings) -> bool:
        return bool(row.adjustments_allowed)

    @admin.display(description=_("transfers by managers"), boolean=True)
    def transfers(self, row: TokenSettings) -> bool:
        return bool(row.transfers_allowed)
