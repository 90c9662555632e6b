"""The form of a webhook endpoint."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from token_payments.admin.account_field import AccountField
from token_payments.errors import EndpointRefused
from token_payments.models import WebhookEndpoint
from token_payments.presenters.refusals import Audience, describe_refusal
from token_payments.webhooks import queries as webhook_queries

PREFIX = "org.openedx.token_payments."


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
            told = describe_refusal(error, audience=Audience.STAFF)
            raise forms.ValidationError(told.text) from error
        return url


def shorten(event_type: str) -> str:
    """E.g. tokens.issued, as people know it."""
    return event_type.removeprefix(PREFIX).removesuffix(".v1")
