"""Webhook deliveries: what was sent, what waits and what failed; sending again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from token_payments import conf
from token_payments.admin.formats import write_badge
from token_payments.admin.pages import ListAdmin, page_url
from token_payments.admin.wallets.texts import write_link, write_time
from token_payments.admin.webhooks.form import shorten
from token_payments.db.numbers import read_number
from token_payments.l10n.formats import format_number
from token_payments.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from token_payments.webhooks import operations as webhook_operations

BADGES = {
    DeliveryState.WAITING: "requested",
    DeliveryState.DELIVERED: "completed",
    DeliveryState.FAILED: "cancelled",
}


class EndpointFilter(admin.SimpleListFilter):
    """Only there when the list is of one endpoint: there may be thousands."""

    title = _("endpoint")
    parameter_name = "endpoint__id__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        chosen = read_number(request.GET.get(self.parameter_name, ""))
        if chosen is None:
            return []
        endpoint = WebhookEndpoint.objects.filter(pk=chosen).first()
        return [] if endpoint is None else [(str(chosen), str(endpoint))]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        chosen = read_number(self.value() or "")
        return rows if chosen is None else rows.filter(endpoint=chosen)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ListAdmin):
    list_display = ("happened", "event_name", "where", "state_badge", "tries", "outcome")
    list_display_links = ("happened",)
    list_filter = ("state", "problem", EndpointFilter)
    fields = (
        "where",
        "event_name",
        "receiver_id",
        "happened",
        "state_badge",
        "tries",
        "last_time",
        "next_time",
        "outcome",
        "response",
        "body",
    )
    readonly_fields = fields
    actions = ("redeliver",)
    empty_value_display = "–"
    list_per_page = 50
    show_full_result_count = False
    change_list_template = "admin/token_payments/wallets/change_list.html"

    class Media:
        css = {"all": ["token_payments/admin/admin.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookDelivery]:
        return super().get_queryset(request).select_related("endpoint", "event")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"title": _("Webhook deliveries"), "is_enabled": conf.is_enabled()}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        delivery = kwargs.get("obj")
        if delivery is not None:
            context |= {"title": self.event_name(delivery), "subtitle": None}
        return super().render_change_form(request, context, *args, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_redeliver_permission(self, request: HttpRequest) -> bool:
        """Django's permission to change deliveries allows nothing else, and nothing while off."""
        return conf.is_enabled() and super().has_change_permission(request)

    @admin.action(description=_("Send the selected deliveries again"), permissions=["redeliver"])
    def redeliver(self, request: HttpRequest, deliveries: QuerySet[WebhookDelivery]) -> None:
        """Under their old ids; what a worker is at is left alone."""
        now = timezone.now()
        ids = list(deliveries.order_by("pk").values_list("pk", flat=True))
        sent = webhook_operations.redeliver_all(ids, now=now)
        text = ngettext(
            "%(count)s delivery is sent again.", "%(count)s deliveries are sent again.", sent
        )
        messages.success(request, text % {"count": format_number(sent)})
        if sent < len(ids):
            messages.warning(request, gettext("What is being sent at this moment was left alone."))

    # --- Columns --------------------------------------------------------------------------------
    @admin.display(description=_("happened"), ordering="id")
    def happened(self, delivery: WebhookDelivery) -> SafeString:
        return write_time(delivery.event.created_at)

    @admin.display(description=_("event"), ordering="event__type")
    def event_name(self, delivery: WebhookDelivery) -> str:
        return shorten(delivery.event.type)

    @admin.display(description=_("endpoint"))
    def where(self, delivery: WebhookDelivery) -> SafeString:
        return write_link(page_url(delivery.endpoint), str(delivery.endpoint))

    @admin.display(description=_("state"), ordering="state")
    def state_badge(self, delivery: WebhookDelivery) -> SafeString:
        state = DeliveryState(delivery.state)
        return write_badge(BADGES[state], str(state.label))

    @admin.display(description=_("attempts"), ordering="attempts")
    def tries(self, delivery: WebhookDelivery) -> str:
        return format_number(delivery.attempts)

    @admin.display(description=_("last attempt"))
    def last_time(self, delivery: WebhookDelivery) -> SafeString | str:
        return write_time(delivery.last_at) if delivery.last_at else "–"

    @admin.display(description=_("next attempt"))
    def next_time(self, delivery: WebhookDelivery) -> SafeString | str:
        return write_time(delivery.next_at) if delivery.next_at else "–"

    @admin.display(description=_("answer"))
    def outcome(self, delivery: WebhookDelivery) -> str:
        """E.g. 204, or 500: The receiver refused it."""
        status = str(delivery.status or "")
        problem = delivery.get_problem_display() if delivery.problem else ""
        return ": ".join(part for part in (status, problem) if part) or "–"

    @admin.display(description=_("id that the receiver gets"))
    def receiver_id(self, delivery: WebhookDelivery) -> str:
        return f"evt_{delivery.event.uuid.hex}"

    @admin.display(description=_("what is sent"))
    def body(self, delivery: WebhookDelivery) -> SafeString:
        return format_html('<pre class="tp-wrap">{}</pre>', delivery.event.body)
