"""Token issues: the list, and one issue with its entries. Nothing of an issue is edited."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from token_payments.admin import loaders
from token_payments.admin.pages import SwitchedAdmin, acting, may_act
from token_payments.admin.wallets import adjusting, extending, priority, raising, transferring
from token_payments.admin.wallets.filters import AccountFilter, IssueStateFilter
from token_payments.admin.wallets.issue_columns import IssueColumns, IssueDetails
from token_payments.admin.wallets.issue_page import describe_issue
from token_payments.models import TokenIssue, TokenSettings

RELATED = ("wallet__account", "wallet__token_type")


@admin.register(TokenIssue)
class TokenIssueAdmin(IssueColumns, IssueDetails, SwitchedAdmin):
    list_display = (
        "number",
        "account",
        "token_type",
        "tokens",
        "left",
        "issued",
        "expires",
        "priority",
        "source",
        "reference",
    )
    list_filter = (
        AccountFilter,
        IssueStateFilter,
        ("wallet__token_type", admin.RelatedOnlyFieldListFilter),
        "source",
        "use_last",
    )
    search_fields = ("wallet__account__name", "wallet__account__reference", "reference")
    search_help_text = _("Search by account, customer number or reference")
    fields = (
        "account_link",
        "token_type",
        "tokens",
        "left",
        "issued",
        "expires_in_full",
        "priority",
        "source",
        "order_link",
        "reference",
        "price",
        "statement_link",
    )
    readonly_fields = fields
    actions = ("extend_expiry",)
    list_per_page = 50
    show_full_result_count = False
    change_form_template = "admin/token_payments/wallets/issue_page.html"
    change_list_template = "admin/token_payments/wallets/issue_list.html"

    class Media:
        css = {"all": ["token_payments/admin/admin.css"]}
        js = [
            "token_payments/admin/suggest.js",
            "token_payments/once.js",
            "token_payments/admin/wallets.js",
        ]

    def get_urls(self) -> list[URLPattern]:
        name = "token_payments_tokenissue"
        view = self.admin_site.admin_view
        return [
            path("accounts/", view(self.suggest_accounts), name=f"{name}_accounts"),
            path("extend/", view(self.extend), name=f"{name}_extend"),
            path("transfer/", view(self.transfer), name=f"{name}_transfer"),
            loaders.ISSUES.get_pattern(self),
            acting(self, "adjust", adjusting.adjust),
            acting(self, "use_last", priority.use_last),
            acting(self, "use_in_turn", priority.use_in_turn),
            *super().get_urls(),
        ]

    # --- Who may what ---------------------------------------------------------------------------
    def has_add_permission(self, request: HttpRequest) -> bool:
        return raising.is_allowed() and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: TokenIssue | None = None) -> bool:
        """Nothing of an issue is edited; extending and adjusting ask for themselves."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: TokenIssue | None = None) -> bool:
        return False

    def has_extend_permission(self, request: HttpRequest) -> bool:
        return may_act(self, request)

    def may_adjust(self, request: HttpRequest) -> bool:
        return may_act(self, request) and bool(TokenSettings.current().adjustments_allowed)

    # --- The list -------------------------------------------------------------------------------
    def get_queryset(self, request: HttpRequest) -> QuerySet[TokenIssue]:
        return super().get_queryset(request).select_related(*RELATED)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        links = loaders.list_links(self, request, loaders.ISSUES) if raising.is_allowed() else []
        context = {"title": _("Token issues"), "load_links": links, **(extra_context or {})}
        return super().changelist_view(request, context)

    @admin.action(description=_("Extend expiry"), permissions=["extend"])
    def extend_expiry(
        self, request: HttpRequest, issues: QuerySet[TokenIssue]
    ) -> HttpResponse | None:
        chosen = issues.order_by("pk").values_list("pk", flat=True)
        return extending.ask(self, request, list(chosen[: extending.MAX_AT_ONCE + 1]))

    # --- Pages ----------------------------------------------------------------------------------
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return raising.raise_issue(self, request)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """As Django's, with what can be done with the issue and its entries."""
        issue = self.get_object(request, object_id) if object_id else None
        context = dict(extra_context or {})
        if issue is not None and self.has_view_permission(request, issue):
            context |= describe_issue(self, request, issue)
        return super().changeform_view(request, object_id, form_url, context)

    def extend(self, request: HttpRequest) -> HttpResponse:
        return extending.extend(self, request)

    # Outside ATOMIC_REQUESTS: a transfer that loses a deadlock is run again.
    @transaction.non_atomic_requests
    def transfer(self, request: HttpRequest) -> HttpResponse:
        return transferring.transfer(self, request)

    def suggest_accounts(self, request: HttpRequest) -> JsonResponse:
        return raising.suggest_accounts(self, request)
