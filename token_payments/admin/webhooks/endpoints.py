"""Webhook endpoints: the list, the form, secrets and tests."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments import errors
from token_payments.admin.base import SwitchedAdmin
from token_payments.admin.formats import write_badge
from token_payments.admin.kept_history import KeptHistoryAdmin
from token_payments.admin.pages import acting, may_act
from token_payments.admin.suggestions import AccountField
from token_payments.admin.wallets.texts import write_time
from token_payments.admin.webhooks.pages import (
    explain_no_key,
    list_url,
    rotate_secret,
    send_test,
    show_secret,
)
from token_payments.hosts.people import get_user
from token_payments.models import DeliveryState, OffReason, WebhookEndpoint
from token_payments.presenters.refusals import Audience, describe_refusal
from token_payments.webhooks import operations as webhook_operations
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
        except errors.EndpointRefused as error:
            told = describe_refusal(error, audience=Audience.STAFF)
            raise forms.ValidationError(told.text) from error
        return url


def shorten(event_type: str) -> str:
    """E.g. tokens.issued, as people know it."""
    return event_type.removeprefix(PREFIX).removesuffix(".v1")


EDITED = ("url", "description", "event_types", "is_active")


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(SwitchedAdmin, KeptHistoryAdmin):
    form = EndpointForm
    list_display = ("short_url", "whose", "what", "state", "description")
    list_display_links = ("short_url",)
    list_filter = ("is_active",)
    search_fields = ("url", "description", "account__name", "account__reference")
    search_help_text = _("Search by address, description or account")
    related = ("account",)
    list_title = _("Webhook endpoints")
    pages = (acting("rotate_secret", rotate_secret), acting("send_test", send_test))
    actions = None
    show_full_result_count = False
    change_form_template = "admin/token_payments/webhooks/endpoint_form.html"
    change_list_template = "admin/token_payments/wallets/change_list.html"

    class Media:
        js = ["token_payments/once.js"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return ["account" if obj is None else "whose", *EDITED]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [] if obj is None else ["whose"]

    def explain_refusal(
        self, request: HttpRequest, error: errors.TokenPaymentsError, row: Any
    ) -> tuple[str, str]:
        address = reverse("admin:token_payments_webhookendpoint_changelist")
        match error:
            case errors.TooManyEndpoints():
                return describe_refusal(error, audience=Audience.STAFF).text, address
            case errors.ConfigurationError():
                return explain_no_key(error), address
        raise error

    def describe(self, request: HttpRequest, row: WebhookEndpoint) -> dict[str, Any]:
        return {
            "title": str(row),
            "subtitle": None,
            "state": self.state(row),
            "may_act": may_act(self, request),
            "explanation": explain_state(row),
            "failed": row.deliveries.filter(state=DeliveryState.FAILED).count(),
            "waiting": row.deliveries.filter(state=DeliveryState.WAITING).count(),
            "deliveries_url": list_url(row),
        }

    # --- Writing --------------------------------------------------------------------------------
    def save_model(
        self, request: HttpRequest, obj: WebhookEndpoint, form: Any, change: bool
    ) -> None:
        if change:
            changes = {name: form.cleaned_data[name] for name in form.changed_data}
            webhook_operations.change_endpoint(obj.pk, changes, actor=get_user(request))
            return
        data = dict(form.cleaned_data)
        account = data.pop("account")
        made = webhook_operations.add_endpoint(
            account_id=None if account is None else account.pk,
            actor=get_user(request),
            now=timezone.now(),
            **data,
        )
        obj.__dict__.update(made.__dict__)

    def response_add(
        self, request: HttpRequest, obj: WebhookEndpoint, post_url_continue: Any = None
    ) -> HttpResponse:
        """The secret, at once: it is in no other answer."""
        return show_secret(self, request, obj)

    def delete_model(self, request: HttpRequest, obj: WebhookEndpoint) -> None:
        webhook_operations.remove_endpoint(obj.pk, actor=get_user(request))

    # --- Columns --------------------------------------------------------------------------------
    @admin.display(description=_("address"), ordering="url")
    def short_url(self, endpoint: WebhookEndpoint) -> str:
        return str(endpoint)

    @admin.display(description=_("events of"), ordering="account__name")
    def whose(self, endpoint: WebhookEndpoint) -> str:
        return str(endpoint.account) if endpoint.account else gettext("the whole site")

    @admin.display(description=_("events"))
    def what(self, endpoint: WebhookEndpoint) -> str:
        return ", ".join(map(shorten, endpoint.event_types)) or gettext("all")

    @admin.display(description=_("state"), ordering="is_active")
    def state(self, endpoint: WebhookEndpoint) -> SafeString:
        if not endpoint.is_active:
            return write_badge("cancelled", gettext("Switched off"))
        if endpoint.failing_since is not None:
            return write_badge("requested", gettext("Failing"))
        return write_badge("active", gettext("Active"))


def explain_state(endpoint: WebhookEndpoint) -> str:
    """The endpoint's problem, and what to do; empty for none."""
    if not endpoint.is_active and endpoint.off_reason == OffReason.GONE:
        return gettext("The receiver answered that it is gone for good (410).")
    if not endpoint.is_active and endpoint.off_reason == OffReason.FAILING:
        return gettext(
            "It was switched off, as every attempt had failed for days. Once the receiver works, "
            "switch it on again: what waits is sent then."
        )
    if endpoint.is_active and endpoint.failing_since is not None:
        text = gettext("Every attempt has failed since %(time)s: see its deliveries.")
        return text % {"time": write_time(endpoint.failing_since)}
    return ""
