"""Redemptions: who paid for what, and with which code.

Only to be looked at, save that a learner who is not in the group yet can be placed again.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from token_payments import api, conf
from token_payments.admin.formats import write_badge
from token_payments.admin.people import list_name_fields, list_name_relations
from token_payments.hosts import get_host
from token_payments.l10n import format_money
from token_payments.models import GroupState, Redemption

WAITING_FOR_GROUP = (GroupState.PENDING, GroupState.FAILED)


@admin.register(Redemption)
class RedemptionAdmin(admin.ModelAdmin):
    list_display = (
        "created_at",
        "state_badge",
        "learner_name",
        "course",
        "method_name",
        "code_ending",
        "group_placement",
    )
    list_display_links = ("created_at",)
    list_filter = ("state", "group_state", "method")
    search_help_text = _("Search by learner, e-mail, course, or the last four characters of a code")
    fields = (
        "learner_name",
        "course",
        "method_name",
        "code_ending",
        "order",
        "state_badge",
        "mode",
        "paid_value",
        "group_placement",
        "created_at",
        "completed_at",
    )
    readonly_fields = fields
    actions = ("place_in_group",)
    list_per_page = 50
    show_full_result_count = False

    class Media:
        css = {"all": ["token_payments/admin/admin.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Redemption]:
        related = [*list_name_relations("learner"), "item", "code__order"]
        return super().get_queryset(request).select_related(*related)

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        return [*list_name_fields("learner__"), "item__title", "item__item_key", "code__last_four"]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"title": _("Redemptions"), **(extra_context or {})}
        return super().changelist_view(request, context)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_place_permission(self, request: HttpRequest) -> bool:
        """Django's permission to change redemptions allows nothing else, and nothing while off."""
        return conf.is_enabled() and super().has_change_permission(request)

    @admin.action(description=_("Place the learners in their groups"), permissions=["place"])
    def place_in_group(self, request: HttpRequest, redemptions: QuerySet[Redemption]) -> None:
        """Again for those who are not placed yet, e.g. once the course has got the group."""
        waiting = redemptions.filter(live=True, group_state__in=WAITING_FOR_GROUP)
        states = [api.place_in_group(redemption) for redemption in waiting]
        placed = states.count(GroupState.PLACED)
        failed = len(states) - placed
        text = ngettext("%(count)d learner was placed.", "%(count)d learners were placed.", placed)
        messages.success(request, text % {"count": placed})
        if failed:
            text = ngettext(
                "%(count)d learner could not be placed: see whether the course has the group.",
                "%(count)d learners could not be placed: see whether the course has the group.",
                failed,
            )
            messages.warning(request, text % {"count": failed})

    @admin.display(description=_("learner"), ordering="learner__username")
    def learner_name(self, redemption: Redemption) -> str:
        return get_host().get_full_name(redemption.learner)

    @admin.display(description=_("course"), ordering="item__title")
    def course(self, redemption: Redemption) -> str:
        return redemption.item.title or redemption.item.item_key

    @admin.display(description=_("payment method"), ordering="method")
    def method_name(self, redemption: Redemption) -> str:
        labels = {method.slug: str(method.label) for method in api.list_methods()}
        return labels.get(redemption.method, redemption.method)

    @admin.display(description=_("token code"))
    def code_ending(self, redemption: Redemption) -> str:
        return f"…{redemption.code.last_four}" if redemption.code else "–"

    @admin.display(description=_("token order"))
    def order(self, redemption: Redemption) -> str:
        if redemption.code is None:
            return "–"
        order = redemption.code.order
        url = reverse("admin:token_payments_tokenorder_change", args=[order.pk])
        return format_html('<a href="{}">{}</a>', url, order.number)

    @admin.display(description=_("state"), ordering="state")
    def state_badge(self, redemption: Redemption) -> str:
        return write_badge(redemption.state, redemption.get_state_display())

    @admin.display(description=_("price"))
    def paid_value(self, redemption: Redemption) -> str:
        return format_money(redemption.price, redemption.currency)

    @admin.display(description=_("group"), ordering="group_state")
    def group_placement(self, redemption: Redemption) -> str:
        placement = redemption.get_group_state_display()
        return f"{redemption.group_name}: {placement}" if redemption.group_name else placement
