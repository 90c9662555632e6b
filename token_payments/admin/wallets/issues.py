"""Token issues: the list, and one issue with its entries. Nothing of an issue is edited."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.admin import loaders, pages
from token_payments.admin.base import SwitchedAdmin
from token_payments.admin.formats import write_badge
from token_payments.admin.suggestions import suggest_accounts
from token_payments.admin.wallets import (
    adjusting,
    extending,
    priority,
    raising,
    texts,
    transferring,
)
from token_payments.admin.wallets.filters import AccountFilter, IssueStateFilter, order_by_expiry
from token_payments.admin.wallets.issue_page import describe_issue
from token_payments.l10n.formats import format_money, format_number
from token_payments.models import TokenIssue, TokenOrder, TokenSettings


@admin.register(TokenIssue)
class TokenIssueAdmin(SwitchedAdmin):
    list_title = _("Token issues")
    pages = (
        pages.suggesting("accounts", suggest_accounts, raising.may_name_accounts),
        pages.listing("extend", extending.extend, pages.may_change, switched=True),
        pages.listing("transfer", transferring.transfer, pages.may_change, switched=True),
        loaders.ISSUES.as_page(),
        pages.acting("adjust", adjusting.adjust),
        pages.acting("use_last", priority.use_last),
        pages.acting("use_in_turn", priority.use_in_turn),
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
        return pages.may_act(self, request)

    def may_adjust(self, request: HttpRequest) -> bool:
        return pages.may_act(self, request) and bool(TokenSettings.current().adjustments_allowed)

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

    # --- Columns --------------------------------------------------------------------------------
    @admin.display(description=_("no."), ordering="pk")
    def number(self, issue: TokenIssue) -> str:
        return f"#{issue.pk}"

    @admin.display(description=_("account"), ordering="wallet__account__name")
    def account(self, issue: TokenIssue) -> str:
        return issue.wallet.account.name

    @admin.display(description=_("type"), ordering="wallet__token_type__name")
    def token_type(self, issue: TokenIssue) -> str:
        return issue.wallet.token_type.name

    @admin.display(description=_("tokens"), ordering="quantity")
    def tokens(self, issue: TokenIssue) -> str:
        return format_number(issue.quantity)

    @admin.display(description=_("remaining"), ordering="remaining")
    def left(self, issue: TokenIssue) -> str:
        return format_number(issue.remaining)

    @admin.display(description=_("issued"), ordering="issued_at")
    def issued(self, issue: TokenIssue) -> SafeString:
        return texts.write_time(issue.issued_at)

    @admin.display(description=_("order of use"), ordering="use_last")
    def priority(self, issue: TokenIssue) -> str:
        """When, among the others of its wallet."""
        return write_badge("used", gettext("Last")) if issue.use_last else gettext("In turn")

    @admin.display(description=_("expires"), ordering=order_by_expiry())
    def expires(self, issue: TokenIssue) -> SafeString:
        """The day, and below it how soon that is."""
        day = texts.write_expiry(issue.expires_at)
        left = texts.write_time_left(issue.expires_at, timezone.now())
        return format_html('{} <span class="quiet">{}</span>', day, left)

    # --- The page of one ------------------------------------------------------------------------
    @admin.display(description=_("account"))
    def account_link(self, issue: TokenIssue) -> SafeString:
        return texts.write_link(pages.page_url(issue.wallet.account), issue.wallet.account)

    @admin.display(description=_("expires"))
    def expires_in_full(self, issue: TokenIssue) -> str:
        return texts.write_expiry_in_full(issue.expires_at)

    @admin.display(description=_("price per token"))
    def price(self, issue: TokenIssue) -> str:
        return format_money(issue.unit_price, issue.currency)

    @admin.display(description=_("token order"))
    def order_link(self, issue: TokenIssue) -> SafeString | str:
        """The order whose processing issued the tokens."""
        order = TokenOrder.objects.filter(issue=issue).first()
        if order is None:
            return "–"
        return texts.write_link(pages.page_url(order), order.number)

    @admin.display(description=_("statement"))
    def statement_link(self, issue: TokenIssue) -> SafeString:
        return texts.write_link(texts.statement_url(issue.wallet), issue.wallet)
