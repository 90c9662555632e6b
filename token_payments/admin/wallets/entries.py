"""The ledger: every entry, only to be looked at, and the statement of each wallet."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from token_payments import conf
from token_payments.admin.pages import ListAdmin, page_url
from token_payments.admin.wallets.filters import AccountFilter
from token_payments.admin.wallets.lines import describe_entry
from token_payments.admin.wallets.statement import download_statement, show_statement
from token_payments.admin.wallets.statement_address import statement_url
from token_payments.admin.wallets.texts import write_link, write_time
from token_payments.hosts import list_name_relations
from token_payments.l10n.formats import format_signed
from token_payments.models import LedgerEntry
from token_payments.wallets import queries as wallet_queries

RELATED = (
    *("issue__wallet__account", "issue__wallet__token_type", "redemption__item"),
    *wallet_queries.ENTRY_WORDS,
)


class EntryAccountFilter(AccountFilter):
    path = "issue__wallet__account"


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ListAdmin):
    list_display = (
        "time",
        "what",
        "tokens",
        "account",
        "token_type",
        "issue_number",
        "reason",
        "actor_name",
    )
    list_filter = (EntryAccountFilter, "kind", "issue__wallet__token_type")
    search_fields = (
        "issue__wallet__account__name",
        "issue__wallet__account__reference",
        "issue__reference",
        "reason",
    )
    search_help_text = _("Search by account, customer number, reference of the issue, or reason")
    fields = (
        "time",
        "what",
        "tokens",
        "account",
        "token_type",
        "issue_number",
        "redemption_link",
        "actor_name",
        "reason",
        "statement_link",
    )
    readonly_fields = fields
    empty_value_display = "–"
    actions = None
    list_per_page = 100
    show_full_result_count = False
    change_list_template = "admin/token_payments/wallets/change_list.html"

    class Media:
        css = {"all": ["token_payments/admin/admin.css"]}

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        name = "token_payments_ledgerentry_statement"
        statement: Any = view(lambda request, pk: show_statement(self, request, pk))
        as_csv: Any = view(lambda request, pk: download_statement(self, request, pk))
        return [
            path("wallet/<int:pk>/", statement, name=name),
            path("wallet/<int:pk>/csv/", as_csv, name=f"{name}_csv"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerEntry]:
        people = [*list_name_relations("actor"), *list_name_relations("redemption__learner")]
        return super().get_queryset(request).select_related(*RELATED, *people)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: LedgerEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: LedgerEntry | None = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"title": _("Ledger"), "is_enabled": conf.is_enabled(), **(extra_context or {})}
        return super().changelist_view(request, context)

    # --- Columns --------------------------------------------------------------------------------
    @admin.display(description=_("time"), ordering="id")
    def time(self, entry: LedgerEntry) -> SafeString:
        return write_time(entry.created_at)

    @admin.display(description=_("what"), ordering="kind")
    def what(self, entry: LedgerEntry) -> str:
        return describe_entry(entry).what

    @admin.display(description=_("tokens"))
    def tokens(self, entry: LedgerEntry) -> str:
        return format_signed(entry.amount)

    @admin.display(description=_("account"))
    def account(self, entry: LedgerEntry) -> str:
        return entry.issue.wallet.account.name

    @admin.display(description=_("type"))
    def token_type(self, entry: LedgerEntry) -> str:
        return entry.issue.wallet.token_type.name

    @admin.display(description=_("issue"))
    def issue_number(self, entry: LedgerEntry) -> SafeString:
        return write_link(page_url(entry.issue), f"#{entry.issue_id}")

    @admin.display(description=_("by"))
    def actor_name(self, entry: LedgerEntry) -> str:
        return describe_entry(entry).actor

    @admin.display(description=_("redemption"))
    def redemption_link(self, entry: LedgerEntry) -> SafeString | str:
        line = describe_entry(entry)
        if entry.redemption is None:
            return "–"
        return write_link(line.redemption_url, f"{line.course} · {line.learner}")

    @admin.display(description=_("statement"))
    def statement_link(self, entry: LedgerEntry) -> SafeString:
        return write_link(statement_url(entry.issue.wallet), entry.issue.wallet)
