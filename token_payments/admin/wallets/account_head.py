"""What stands above every page of an account: its state, what can be done, and tabs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from token_payments.admin.formats import write_badge
from token_payments.admin.pages import may_act, page_url
from token_payments.models import Account, TokenIssue


@dataclass(frozen=True)
class AccountTab:
    label: str
    url: str
    is_current: bool = False


def describe_account(
    model_admin: admin.ModelAdmin, request: HttpRequest, account: Account, *, page: str
) -> dict[str, Any]:
    """The context of ``account_head.html``; ``page`` is the tab, or "" for a confirmation."""
    tabs = [
        AccountTab(gettext("Details"), page_url(account), page == "change"),
        AccountTab(gettext("Members"), page_url(account, "members"), page == "members"),
        AccountTab(gettext("Alerts"), page_url(account, "alerts"), page == "alerts"),
    ]
    issue_admin = model_admin.admin_site.get_model_admin(TokenIssue)
    if issue_admin.has_view_permission(request):
        issues = reverse("admin:token_payments_tokenissue_changelist")
        tabs.append(AccountTab(gettext("Token issues"), f"{issues}?account={account.pk}"))
    return {
        "account": account,
        "state": write_state(account),
        "may_act": may_act(model_admin, request),
        "tabs": tabs,
    }


def write_state(account: Account) -> SafeString:
    if account.is_frozen:
        return write_badge("frozen", gettext("Frozen"))
    return write_badge("active", gettext("Active"))
