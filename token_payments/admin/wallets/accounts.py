"""Accounts: the list with its balances, and the form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from token_payments.admin import loaders
from token_payments.admin.base import SwitchedAdmin
from token_payments.admin.fields import ADDRESS
from token_payments.admin.kept_history import KeptHistoryAdmin
from token_payments.admin.pages import acting, may_change, suggesting, viewing
from token_payments.admin.suggestions import suggest_people
from token_payments.admin.wallets import account_page
from token_payments.admin.wallets.alerts import show_alerts
from token_payments.admin.wallets.filters import FrozenFilter
from token_payments.admin.wallets.freezing import freeze, unfreeze
from token_payments.admin.wallets.members import show_members
from token_payments.admin.wallets.texts import write_amount, write_lines
from token_payments.l10n.formats import format_number
from token_payments.models import Account
from token_payments.presenters.holdings import list_holdings


class AccountForm(forms.ModelForm):
    """Texts that must be unique are NULL when left empty."""

    class Meta:
        model = Account
        fields = ("name", "reference", *ADDRESS)
        widgets = {"billing_street": forms.Textarea(attrs={"rows": 3, "cols": 40})}
        help_texts = {"reference": _("The account's number in your other systems. Optional.")}
        error_messages = {
            "name": {"unique": _("Another account has this name.")},
            "reference": {"unique": _("Another account has this customer number.")},
        }


@admin.register(Account)
class AccountAdmin(SwitchedAdmin, KeptHistoryAdmin):
    list_title = _("Accounts")
    pages = (
        suggesting("people", suggest_people, may_change),
        loaders.ACCOUNTS.as_page(),
        loaders.MEMBERS.as_page(),
        viewing("members", show_members, changes=True),
        viewing("alerts", show_alerts, changes=True),
        acting("freeze", freeze),
        acting("unfreeze", unfreeze),
    )
    form = AccountForm
    list_display = ("name", "reference", "state", "members", "balance")
    list_filter = (FrozenFilter,)
    search_fields = ("name", "reference", "billing_name")
    search_help_text = _("Search by name, customer number, or name on the invoice")
    fieldsets = (
        (None, {"fields": ("name", "reference")}),
        (_("Billing address"), {"fields": ADDRESS}),
    )
    actions = None
    show_full_result_count = False
    change_form_template = "admin/token_payments/wallets/account_form.html"
    change_list_template = "admin/token_payments/wallets/change_list.html"

    class Media:
        js = ["token_payments/admin/suggest.js", "token_payments/once.js"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        accounts: QuerySet[Account] = super().get_queryset(request)
        return accounts.annotate(member_count=Count("members"))

    def describe_list(self, request: HttpRequest) -> dict[str, Any]:
        kinds = (loaders.ACCOUNTS, loaders.MEMBERS)
        return {"load_links": loaders.list_links(self, request, *kinds)}

    def add_figures(self, rows: Iterable[Any]) -> None:
        """``holdings``: three queries."""
        holdings = list_holdings([row.pk for row in rows], timezone.now())
        for account in rows:
            account.holdings = [each for each in holdings if each.wallet.account_id == account.pk]

    def has_delete_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:
        """One by one, and only what never held or ordered tokens; bulk deletion isn't offered."""
        if obj is None or obj.wallets.exists() or obj.token_orders.exists():
            return False
        if obj.webhook_endpoints.exists():
            return False
        return bool(super().has_delete_permission(request, obj))

    def describe(self, request: HttpRequest, row: Account) -> dict[str, Any]:
        """The account's head and a card for each type."""
        may_issue = account_page.may_issue_to(self.admin_site, request, row)
        return {
            **account_page.describe_account(self, request, row, page="change"),
            "cards": account_page.list_cards(self.admin_site, request, row),
            "issue_url": account_page.get_issue_url(row) if may_issue else "",
            "title": row.name,
            "subtitle": None,
        }

    # --- Columns --------------------------------------------------------------------------------
    @admin.display(description=_("state"), ordering="is_frozen")
    def state(self, account: Account) -> SafeString:
        return account_page.write_state(account)

    @admin.display(description=_("members"), ordering="member_count")
    def members(self, account: Any) -> str:
        return format_number(account.member_count)

    @admin.display(description=_("balance"))
    def balance(self, account: Any) -> SafeString | str:
        held = [
            write_amount(holding.balance.available, holding.wallet.token_type)
            for holding in account.holdings
            if holding.balance.available
        ]
        return write_lines(held) if held else "–"
