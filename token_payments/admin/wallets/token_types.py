"""Token types: the list, the form, archiving and restoring, and why a type can't be deleted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from token_payments.admin import fields
from token_payments.admin.base import SwitchedAdmin
from token_payments.admin.formats import round_money, write_badge
from token_payments.admin.kept_history import KeptHistoryAdmin
from token_payments.admin.pages import acting, ask, go_to, may_act, render_page
from token_payments.admin.wallets.filters import ArchivedFilter
from token_payments.admin.wallets.texts import write_list, write_period
from token_payments.errors import TypeInUse
from token_payments.hosts.people import get_user
from token_payments.l10n.formats import format_money, format_number
from token_payments.models import TokenType
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets import queries as wallet_queries


class TokenTypeForm(forms.ModelForm):
    """Price and currency go together, and the price can be paid in that currency."""

    unit_price = fields.UnitPriceField(
        label=_("Price per token"),
        help_text=_("Without tax; shown to buyers who request tokens. Empty: agreed upon."),
    )
    currency = fields.CurrencyFormField(
        label=_("Currency"), help_text=_("Of the price: three letters, e.g. GBP.")
    )

    class Meta:
        model = TokenType
        fields: ClassVar[Any] = ("name", "description", "redemption_days")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        price = self.instance.unit_price
        if price is not None and "unit_price" in self.fields:
            self.initial["unit_price"] = round_money(price, self.instance.currency)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        fields.check_price(self, cleaned)
        fields.check_decimals(self, cleaned)
        return cleaned


def explain_uses(token_type: TokenType) -> str:
    """The uses of the type, and what to do instead of deleting it; empty for an unused one."""
    uses = wallet_queries.count_uses(token_type)
    if not uses:
        return ""
    parts = [
        (uses.issues, ngettext("%(count)s issue", "%(count)s issues", uses.issues)),
        (uses.prices, ngettext("%(count)s price", "%(count)s prices", uses.prices)),
        (uses.orders, ngettext("%(count)s order", "%(count)s orders", uses.orders)),
    ]
    total = uses.issues + uses.prices + uses.orders
    listed = write_list(text % {"count": format_number(count)} for count, text in parts if count)
    text = ngettext("%(things)s uses %(type)s.", "%(things)s use %(type)s.", total)
    text %= {"things": listed, "type": token_type}
    # apart from the f-string: in one, before Python 3.12, nobody finds what is to be translated
    advice = gettext("Archive it instead.")
    return text if token_type.is_archived else f"{text} {advice}"


def archive(model_admin: Any, request: HttpRequest, token_type: TokenType) -> HttpResponse:
    """Ask; after *Yes* archive the type."""

    def do(_wanted: Any) -> str:
        wallet_operations.archive_type(token_type.pk, actor=get_user(request))
        text = gettext("%(type)s is archived: no new issues and no new prices.")
        return text % {"type": token_type}

    return _ask(model_admin, request, token_type, "type_archive", do)


def restore(model_admin: Any, request: HttpRequest, token_type: TokenType) -> HttpResponse:
    """Ask; after *Yes* restore the type."""

    def do(_wanted: Any) -> str:
        wallet_operations.restore_type(token_type.pk, actor=get_user(request))
        return gettext("%(type)s is in use again.") % {"type": token_type}

    return _ask(model_admin, request, token_type, "type_restore", do)


def _ask(
    model_admin: Any,
    request: HttpRequest,
    token_type: TokenType,
    template: str,
    do: Callable[[Any], str],
) -> HttpResponse:
    return ask(
        model_admin,
        request,
        template,
        row=token_type,
        form=forms.Form(request.POST if request.method == "POST" else None),
        do=do,
        title=str(token_type),
        usable=format_number(token_type.usable),  # type: ignore[attr-defined]
    )


@admin.register(TokenType)
class TokenTypeAdmin(SwitchedAdmin, KeptHistoryAdmin):
    list_title = _("Token types")
    pages = (acting("archive", archive), acting("restore", restore))
    form = TokenTypeForm
    list_display = ("name", "period", "price", "state", "issues", "in_circulation")
    list_filter = (ArchivedFilter,)
    search_fields = ("name", "description")
    search_help_text = _("Search by name or description")
    fields = ("name", "description", "redemption_days", "unit_price", "currency")
    actions = ("archive_types", "restore_types")
    change_form_template = "admin/token_payments/wallets/type_form.html"
    change_list_template = "admin/token_payments/wallets/change_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[TokenType]:
        """Each type with ``issue_count`` and with the ``usable`` tokens that accounts hold."""
        now = timezone.now()
        types: QuerySet[TokenType] = super().get_queryset(request)
        return types.annotate(
            issue_count=Count("wallets__issues"),
            usable=Sum(
                "wallets__issues__remaining",
                filter=wallet_queries.is_usable(now, "wallets__issues__"),
                default=0,
            ),
        )

    # --- Deleting -------------------------------------------------------------------------------
    def has_delete_permission(self, request: HttpRequest, obj: TokenType | None = None) -> bool:
        """One by one, and only what nobody has used; bulk deletion isn't offered."""
        if obj is None or not super().has_delete_permission(request, obj):
            return False
        return not wallet_queries.count_uses(obj)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """As Django's; a type that is used is answered with what uses it."""
        token_type = self.get_object(request, object_id)
        if token_type is not None and super().has_delete_permission(request, token_type):
            reason = explain_uses(token_type)
            if reason:
                return self._refuse_deleting(request, token_type, reason)
        try:
            return super().delete_view(request, object_id, extra_context)
        except TypeInUse:
            used = TokenType.objects.get(pk=object_id)
            messages.error(request, explain_uses(used))
            return go_to(used)

    def delete_model(self, request: HttpRequest, obj: TokenType) -> None:
        wallet_operations.delete_type(obj.pk)

    def _refuse_deleting(
        self, request: HttpRequest, token_type: TokenType, reason: str
    ) -> HttpResponse:
        return render_page(
            self,
            request,
            "type_in_use",
            title=gettext("%(type)s can't be deleted") % {"type": token_type},
            status=200 if request.method == "GET" else 409,
            original=token_type,
            reason=reason,
            may_archive=not token_type.is_archived and may_act(self, request),
        )

    # --- The form -------------------------------------------------------------------------------
    def describe(self, request: HttpRequest, row: TokenType) -> dict[str, Any]:
        return {
            "may_act": may_act(self, request),
            "in_use": explain_uses(row),
            "may_delete_unused": super().has_delete_permission(request, row),
            "state": self.state(row),
            "subtitle": None,
            "title": str(row),
        }

    # --- Actions --------------------------------------------------------------------------------
    @admin.action(description=_("Archive the selected token types"), permissions=["change"])
    def archive_types(self, request: HttpRequest, types: QuerySet[TokenType]) -> None:
        number = _change_all(
            types, partial(wallet_operations.archive_type, actor=get_user(request))
        )
        text = ngettext(
            "%(count)s token type is archived.", "%(count)s token types are archived.", number
        )
        messages.success(request, text % {"count": format_number(number)})

    @admin.action(description=_("Restore the selected token types"), permissions=["change"])
    def restore_types(self, request: HttpRequest, types: QuerySet[TokenType]) -> None:
        number = _change_all(
            types, partial(wallet_operations.restore_type, actor=get_user(request))
        )
        text = ngettext(
            "%(count)s token type is active again.",
            "%(count)s token types are active again.",
            number,
        )
        messages.success(request, text % {"count": format_number(number)})

    # --- Columns --------------------------------------------------------------------------------
    @admin.display(description=_("redemption period"), ordering="redemption_days")
    def period(self, token_type: TokenType) -> str:
        return write_period(token_type.redemption_days)

    @admin.display(description=_("price per token"), ordering="unit_price")
    def price(self, token_type: TokenType) -> str:
        return format_money(token_type.unit_price, token_type.currency)

    @admin.display(description=_("state"), ordering="is_archived")
    def state(self, token_type: TokenType) -> str:
        if token_type.is_archived:
            return write_badge("archived", gettext("Archived"))
        return write_badge("active", gettext("Active"))

    @admin.display(description=_("issues"), ordering="issue_count")
    def issues(self, token_type: Any) -> str:
        return format_number(token_type.issue_count)

    @admin.display(description=_("tokens in circulation"), ordering="usable")
    def in_circulation(self, token_type: Any) -> str:
        return format_number(token_type.usable)


def _change_all(types: QuerySet[TokenType], change: Callable[[int], Any]) -> int:
    """How many were changed, each by itself."""
    chosen = list(types.order_by().values_list("pk", flat=True))
    for pk in chosen:
        change(pk)
    return len(chosen)
