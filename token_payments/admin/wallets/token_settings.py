"""Training token settings: who may raise and adjust issues by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from token_payments.admin.site_settings import SiteSettingsAdmin
from token_payments.models import TokenSettings


@admin.register(TokenSettings)
class TokenSettingsAdmin(SiteSettingsAdmin):
    fields = ("manual_issues_allowed", "adjustments_allowed")
    columns = ("manual_issues", "adjustments")
    heading = _("Training token settings")
    nothing_set = _(
        "Nothing has been set yet: issues may be raised and adjusted by hand, by those who have "
        "the permission."
    )

    def list_facts(self, row: TokenSettings) -> list[tuple[Any, Any]]:
        switches = (
            (_("Allow Manual Raising of Issues"), row.manual_issues_allowed),
            (_("Allow Adjustments to Token Issues"), row.adjustments_allowed),
        )
        return [(name, _("on") if is_on else _("off")) for name, is_on in switches]

    @admin.display(description=_("manual raising"), boolean=True)
    def manual_issues(self, row: TokenSettings) -> bool:
        return bool(row.manual_issues_allowed)

    @admin.display(description=_("adjustments"), boolean=True)
    def adjustments(self, row: TokenSettings) -> bool:
        return bool(row.adjustments_allowed)
