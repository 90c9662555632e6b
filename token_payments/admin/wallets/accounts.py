"""Accounts: the list with its balances, and the form."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from token_payments.admin import loaders, lookups
from token_payments.admin.fields import ADDRESS
from token_payments.admin.kept_history import KeptHistoryAdmin
from token_payments.admin.pages import SwitchedAdmin, acting, may_change, viewing
from token_payments.admin.people import suggest_people
from token_payments.admin.wallets.account_form import AccountForm
from token_payments.admin.wallets.account_head import describe_account, write_state
from token_payments.admin.wallets.alerts import show_alerts
from token_payments.admin.wallets.cards import get_issue_url, list_cards, may_issue_to
from token_payments.admin.wallets.filters import FrozenFilter
from token_payments.admin.wallets.freezing import freeze, unfreeze
from token_payments.admin.wallets.members import show_members
from token_payments.admin.wallets.texts import write_amount, write_lines
from token_payments.l10n.formats import format_number
from token_payments.models import Account, Wallet
from token_payments.wallets import queries as wallet_queries


class AccountChangeList(ChangeList):
    """Gives every account of the page ``balances``, (type, tokens) pairs: three queries."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        accounts: dict[int, list[tuple[str, int]]] = defaultdict(list)
        wallets = Wallet.objects.filter(account__in=[row.pk for row in self.result_list])
        wallets = wallets.select_related("token_type").order_by("token_type__name")
        held = wallet_queries.list_balances([wallet.pk for wallet in wallets], timezone.now())
        for wallet in wallets:
            balance = held.get(wallet.pk)
            if balance and balance.available:
                accounts[wallet.account_id].append((wallet.token_type.name, balance.available))
        for account in self.result_list:
            account.balances = accounts[account.pk]


@admin.register(Account)
class AccountAdmin(SwitchedAdmin, KeptHistoryAdmin):
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
    list_per_page = 50
    show_full_result_count = False
    change_form_template = "admin/token_payments/wallets/account_form.html"
    change_list_template = "admin/token_payments/wallets/change_list.html"

    class Media:
        css = {"all": ["token_payments/admin/admin.css"]}
        js = ["token_payments/admin/suggest.js", "token_payments/once.js"]

    def get_urls(self) -> list[URLPattern]:
        people = path(
            "people/",
            self.admin_site.admin_view(self.suggest_people),
            name="token_payments_account_people",
        )
        return [
            people,
            loaders.ACCOUNTS.get_pattern(self),
            loaders.MEMBERS.get_pattern(self),
            viewing(self, "members", show_members),
            viewing(self, "alerts", show_alerts),
            acting(self, "freeze", freeze),
            acting(self, "unfreeze", unfreeze),
            *super().get_urls(),
        ]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[AccountChangeList]:
        return AccountChangeList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        accounts: QuerySet[Account] = super().get_queryset(request)
        return accounts.annotate(member_count=Count("members"))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        links = loaders.list_links(self, request, loaders.ACCOUNTS, loaders.MEMBERS)
        context = {"title": _("Accounts"), "load_links": links, **(extra_context or {})}
        return super().changelist_view(request, context)

    def has_delete_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:
        """One by one, and only what never held or ordered tokens; bulk deletion isn't offered."""
        if obj is None or obj.wallets.exists() or obj.token_orders.exists():
            return False
        if obj.webhook_endpoints.exists():
            return False
        return bool(super().has_delete_permission(request, obj))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Its members leave with an account; their permissions aren't asked for one by one."""
        return [str(each) for each in objs], {}, set(), []

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """As Django's, with the account's head and a card for each type."""
        account = self.get_object(request, object_id) if object_id else None
        context = dict(extra_context or {})
        if account is not None and self.has_view_permission(request, account):
            context |= describe_account(self, request, account, page="change")
            may_issue = may_issue_to(self.admin_site, request, account)
            context |= {
                "cards": list_cards(self.admin_site, request, account),
                "issue_url": get_issue_url(account) if may_issue else "",
                "title": account.name,
                "subtitle": None,
            }
        return super().changeform_view(request, object_id, form_url, context)

    def suggest_people(self, request: HttpRequest) -> JsonResponse:
        """Users whose name or address begins with what was typed, for the members' page."""
        if not may_change(self, request):
            raise PermissionDenied
        text = lookups.read_text(request)
        return lookups.answer(suggest_people(text) if text else [])

    # --- Columns --------------------------------------------------------------------------------
    @admin.display(description=_("state"), ordering="is_frozen")
    def state(self, account: Account) -> SafeString:
        return write_state(account)

    @admin.display(description=_("members"), ordering="member_count")
    def members(self, account: Any) -> str:
        return format_number(account.member_count)

    @admin.display(description=_("balance"))
    def balance(self, account: Any) -> SafeString | str:
        held = [write_amount(tokens, name) for name, tokens in account.balances]
        return write_lines(held) if held else "–"
