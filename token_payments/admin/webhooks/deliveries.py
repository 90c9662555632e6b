"""Webhook deliveries: what was sent, what waits and what failed; sending again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from token_payments.admin.base import ReadOnlyAdmin
from token_payments.admin.filters import ObjectFilter
from token_payments.admin.formats import write_badge
from token_payments.admin.pages import may_act, page_url
from token_payments.admin.wallets.texts import write_link, write_time
from token_payments.admin.webhooks.endpoints import shorten
from token_payments.l10n.formats import format_number
from token_payments.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from token_payments.webhooks import operations as webhook_operations

BADGES = {
    DeliveryState.WAITING: "requested",
    DeliveryState.DELIVERED: "completed",
    DeliveryState.FAILED: "cancelled",
}


class EndpointFilter(ObjectFilter):
    title = _("endpoint")
    parameter_name = "endpoint__id__exact"
    model_class = WebhookEndpoint
    path = "endpoint"


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
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
    list_title = _("Webhook deliveries")
    related = ("endpoint", "event")
    show_full_result_count = False
    change_list_template = "admin/token_payments/wallets/change_list.html"

    def describe(self, request: HttpRequest, row: WebhookDelivery) -> dict[str, Any]:
        return {"title": self.event_name(row), "subtitle": None}

    def has_redeliver_permission(self, request: HttpRequest) -> bool:
        """Django's permission to change deliveries allows nothing else, and nothing while off."""
        return may_act(self, request)

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
