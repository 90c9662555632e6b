"""Webhook endpoints: the list, the form, secrets and tests."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.admin.formats import write_badge
from token_payments.admin.kept_history import KeptHistoryAdmin
from token_payments.admin.pages import SwitchedAdmin, acting, may_act
from token_payments.admin.wallets.texts import write_time
from token_payments.admin.webhooks.form import EndpointForm, shorten
from token_payments.admin.webhooks.pages import (
    explain_no_key,
    list_url,
    rotate_secret,
    send_test,
    show_secret,
)
from token_payments.errors import ConfigurationError, TooManyEndpoints
from token_payments.models import DeliveryState, OffReason, WebhookEndpoint
from token_payments.presenters.refusals import Audience, describe_refusal
from token_payments.webhooks import operations as webhook_operations

EDITED = ("url", "description", "event_types", "is_active")


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(SwitchedAdmin, KeptHistoryAdmin):
    form = EndpointForm
    list_display = ("short_url", "whose", "what", "state", "description")
    list_display_links = ("short_url",)
    list_filter = ("is_active",)
    search_fields = ("url", "description", "account__name", "account__reference")
    search_help_text = _("Search by address, description or account")
    list_select_related = ("account",)
    actions = None
    list_per_page = 50
    show_full_result_count = False
    change_form_template = "admin/token_payments/webhooks/endpoint_form.html"
    change_list_template = "admin/token_payments/wallets/change_list.html"

    class Media:
        css = {"all": ["token_payments/admin/admin.css"]}
        js = ["token_payments/admin/once.js"]

    def get_urls(self) -> list[URLPattern]:
        return [
            acting(self, "rotate_secret", rotate_secret),
            acting(self, "send_test", send_test),
            *super().get_urls(),
        ]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return ["account" if obj is None else "whose", *EDITED]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [] if obj is None else ["whose"]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"title": _("Webhook endpoints"), **(extra_context or {})}
        return super().changelist_view(request, context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """As Django's, with the endpoint's state; what the domain refuses is said in the list."""
        endpoint = self.get_object(request, object_id) if object_id else None
        context = dict(extra_context or {})
        if endpoint is not None and self.has_view_permission(request, endpoint):
            context |= self._describe(request, endpoint)
        try:
            return super().changeform_view(request, object_id, form_url, context)
        except TooManyEndpoints as error:
            messages.error(request, describe_refusal(error, audience=Audience.STAFF).text)
        except ConfigurationError as error:
            messages.error(request, explain_no_key(error))
        return HttpResponseRedirect(reverse("admin:token_payments_webhookendpoint_changelist"))

    def _describe(self, request: HttpRequest, endpoint: WebhookEndpoint) -> dict[str, Any]:
        failed = endpoint.deliveries.filter(state=DeliveryState.FAILED).count()
        waiting = endpoint.deliveries.filter(state=DeliveryState.WAITING).count()
        return {
            "title": str(endpoint),
            "subtitle": None,
            "state": self.state(endpoint),
            "may_act": may_act(self, request),
            "explanation": explain_state(endpoint),
            "failed": failed,
            "waiting": waiting,
            "deliveries_url": list_url(endpoint),
        }

    # --- Writing --------------------------------------------------------------------------------
    def save_model(
        self, request: HttpRequest, obj: WebhookEndpoint, form: Any, change: bool
    ) -> None:
        if change:
            changes = {name: form.cleaned_data[name] for name in form.changed_data}
            webhook_operations.change_endpoint(obj.pk, changes, actor=request.user)
            return
        data = dict(form.cleaned_data)
        account = data.pop("account")
        made = webhook_operations.add_endpoint(
            account_id=None if account is None else account.pk,
            actor=request.user,
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
        webhook_operations.remove_endpoint(obj.pk, actor=request.user)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Its deliveries go with it; their permissions aren't asked for one by one."""
        return [str(each) for each in objs], {}, set(), []

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookEndpoint]:
        return super().get_queryset(request).select_related("account")

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
    """What is wrong, and what to do; empty when nothing is."""
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
