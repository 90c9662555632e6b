"""Self Enrolment Settings: a row for every change, the newest of which is in force."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from token_payments import models
from token_payments.admin.site_settings import SiteSettingsAdmin
from token_payments.catalogue import queries as catalogue_queries

LEAVING = ("unenrolment_policy", "unenrolment_days", "code_reversal")


class EnrolmentSettingsForm(forms.ModelForm):
    """Settings that a program leaves out stay as new settings have them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in LEAVING:
            if name in self.fields:
                self.fields[name].required = False


@admin.register(models.EnrolmentSettings)
class EnrolmentSettingsAdmin(SiteSettingsAdmin):
    form = EnrolmentSettingsForm
    fields = ("override_allowed", "default_method", "enabled", *LEAVING)
    columns = ("override", "default_method", "paid", "rule")
    list_title = _("Self Enrolment Settings")
    nothing_set = _(
        "Nothing has been set yet: every course is self-enrolled for free, and nothing can be paid "
        "with tokens."
    )

    def list_facts(self, row: models.EnrolmentSettings) -> list[tuple[Any, Any]]:
        return [
            (
                _("Allow Enrolment Method override per Catalogue Item"),
                _("yes") if row.override_allowed else _("no"),
            ),
            (_("Default enrolment method"), row.get_default_method_display()),
            (_("Self-enrolment (Paid)"), _("on") if row.enabled else _("off")),
            (_("Given back when a learner leaves"), self.rule(row)),
            (_("A Token Code that is given back"), row.get_code_reversal_display()),
        ]

    @admin.display(description=_("given back"))
    def rule(self, row: models.EnrolmentSettings) -> str:
        if row.unenrolment_policy != models.UnenrolmentPolicy.WITHIN_DAYS:
            return str(row.get_unenrolment_policy_display())
        text = ngettext(
            "Within %(days)s day of enrolment or the course's start",
            "Within %(days)s days of enrolment or the course's start",
            row.unenrolment_days,
        )
        return text % {"days": row.unenrolment_days}

    @admin.display(description=_("override"), boolean=True)
    def override(self, row: models.EnrolmentSettings) -> bool:
        return bool(row.override_allowed)

    @admin.display(description=_("paid"), boolean=True)
    def paid(self, row: models.EnrolmentSettings) -> bool:
        return bool(row.enabled)

    def warn(self, request: HttpRequest) -> None:
        """Tell when items that ask for payment are given away by the site's settings."""
        asking = models.CatalogueItem.objects.filter(
            enrolment_method=models.ItemEnrolmentMethod.PAID
        )
        free = [item for item in asking if not catalogue_queries.is_paid(item)]
        if not free:
            return
        text = ngettext(
            "%(count)s catalogue item asks for payment but is free now: the site's default counts, "
            "since the override is not allowed.",
            "%(count)s catalogue items ask for payment but are free now: the site's default "
            "counts, since the override is not allowed.",
            len(free),
        )
        messages.warning(request, text % {"count": len(free)})
