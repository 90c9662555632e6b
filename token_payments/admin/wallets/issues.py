"""Token issues: the list, and one issue with its entries. Nothing of an issue is edited."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from token_payments.admin import loaders
from token_payments.admin.account_field import suggest_accounts
from token_payments.admin.base import SwitchedAdmin
from token_payments.admin.pages import acting, listing, may_act, may_change, suggesting
from token_payments.admin.wallets import adjusting, extending, priority, raising, transferring
from token_payments.admin.wallets.filters import AccountFilter, IssueStateFilter
from token_payments.admin.wallets.issue_columns import IssueColumns, IssueDetails
from token_payments.admin.wallets.issue_page import describe_issue
from token_payments.models import TokenIssue, TokenSettings


@admin.register(TokenIssue)
class TokenIssueAdmin(IssueColumns, IssueDetails, SwitchedAdmin):
    list_title = _("Token issues")
    pages = (
        suggesting("accounts", suggest_accounts, raising.may_name_accounts),
        listing("extend", extending.extend, may_change, switched=True),
        listing("transfer", transferring.transfer, may_change, switched=True),
        loaders.ISSUES.as_page(),
        acting("adjust", adjusting.adjust),
        acting("use_last", priority.use_last),
        acting("use_in_turn", priority.use_in_turn),
    )
    related = ("wallet__account", "wallet__token_type")
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
    show_full_result_count = False
    change_form_template = "admin/token_payments/wallets/issue_page.html"
    change_list_template = "admin/token_payments/wallets/issue_list.html"

    class Media:
        js = [
            "token_payments/admin/suggest.js",
            "token_payments/once.js",
            "token_payments/admin/wallets.js",
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
    def describe_list(self, request: HttpRequest) -> dict[str, Any]:
        may_load = raising.is_allowed()
        return {"load_links": loaders.list_links(self, request, loaders.ISSUES) if may_load else []}

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

    def describe(self, request: HttpRequest, row: TokenIssue) -> dict[str, Any]:
        return describe_issue(self, request, row)
