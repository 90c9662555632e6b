"""The ledger: every entry, only to be looked at, and the statement of each wallet."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.admin.base import ReadOnlyAdmin
from token_payments.admin.pages import listing, may_see, page_url
from token_payments.admin.wallets.filters import AccountFilter
from token_payments.admin.wallets.statement import download_statement, show_statement
from token_payments.admin.wallets.texts import statement_url, write_link, write_time
from token_payments.l10n.formats import format_signed
from token_payments.models import LedgerEntry
from token_payments.presenters.ledger_lines import EntryLine, describe_what
from token_payments.wallets import queries as wallet_queries

RELATED = (
    *("issue__wallet__account", "issue__wallet__token_type", "redemption__item"),
    *wallet_queries.ENTRY_RELATED,
)


class EntryAccountFilter(AccountFilter):
    path = "issue__wallet__account"


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    list_title = _("Ledger")
    pages = (
        listing("statement", show_statement, may_see, route="wallet/<int:wallet_id>/"),
        listing("statement_csv", download_statement, may_see, route="wallet/<int:wallet_id>/csv/"),
    )
    related = RELATED
    people = ("actor", "redemption__learner")
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
    actions = None
    list_per_page = 100
    show_full_result_count = False
    change_list_template = "admin/token_payments/wallets/change_list.html"

    # --- Columns --------------------------------------------------------------------------------
    @admin.display(description=_("time"), ordering="id")
    def time(self, entry: LedgerEntry) -> SafeString:
        return write_time(entry.created_at)

    @admin.display(description=_("what"), ordering="kind")
    def what(self, entry: LedgerEntry) -> str:
        return describe_what(entry)

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
        return EntryLine(entry).actor or gettext("the system")

    @admin.display(description=_("redemption"))
    def redemption_link(self, entry: LedgerEntry) -> SafeString | str:
        line = EntryLine(entry)
        if entry.redemption is None:
            return "–"
        return write_link(page_url(entry.redemption), f"{line.course} · {line.learner}")

    @admin.display(description=_("statement"))
    def statement_link(self, entry: LedgerEntry) -> SafeString:
        return write_link(statement_url(entry.issue.wallet), entry.issue.wallet)
