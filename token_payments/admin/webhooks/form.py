"""The form of a webhook endpoint."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from token_payments.admin.account_field import AccountField
from token_payments.errors import EndpointRefused
from token_payments.models import WebhookEndpoint
from token_payments.webhooks import queries as webhook_queries

PREFIX = "org.openedx.token_payments."
REFUSED: dict[str, Any] = {
    "not_a_url": _("This is no address: write it as https://hooks.example.com/tokens."),
    "too_long": _("This address is too long."),
    "scheme": _("The address has to begin with https://."),
    "credentials": _("No user and no password may stand in the address."),
    "port": _("This port isn't allowed: leave it out, or use 443."),
    "address": _(
        "This address isn't on the internet. The setting WEBHOOK_NETWORKS can allow networks of "
        "your own."
    ),
}


class EndpointForm(forms.ModelForm):
    """``account`` is chosen once, when the endpoint is added."""

    account = AccountField(
        label=_("Account"),
        required=False,
        help_text=_(
            "Its name or customer number: its events alone are sent. Empty: everybody's events."
        ),
    )
    event_types = forms.MultipleChoiceField(
        label=_("Events"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all of them, new kinds too."),
    )

    class Meta:
        model = WebhookEndpoint
        fields: ClassVar[Any] = ("account", "url", "description", "event_types", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "event_types" in self.fields:
            names = webhook_queries.list_event_types()
            field: Any = self.fields["event_types"]
            field.choices = [(name, shorten(name)) for name in names]

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"]).strip()
        try:
            webhook_queries.check_url(url)
        except EndpointRefused as error:
            raise forms.ValidationError(REFUSED[error.reason]) from error
        return url


def shorten(event_type: str) -> str:
    """E.g. tokens.issued, as people know it."""
    return event_type.removeprefix(PREFIX).removesuffix(".v1")
