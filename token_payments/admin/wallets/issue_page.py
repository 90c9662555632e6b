"""The page of one issue: what can be done with it, and its entries."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from token_payments.admin.formats import write_badge
from token_payments.admin.pages import may_act, page_url
from token_payments.admin.wallets.texts import write_amount
from token_payments.admin.wallets.transferring import get_transfer_url
from token_payments.models import LedgerEntry, TokenIssue
from token_payments.presenters.ledger_lines import EntryLine, list_people
from token_payments.wallets import queries as wallet_queries

ROWS = 100


def describe_issue(model_admin: Any, request: HttpRequest, issue: TokenIssue) -> dict[str, Any]:
    """The context of ``issue_page.html``. Entries are shown to those who may see the ledger."""
    context: dict[str, Any] = {
        "title": gettext("Issue #%(number)s: %(tokens)s for %(account)s")
        % {
            "number": issue.pk,
            "tokens": write_amount(issue.quantity, issue.wallet.token_type),
            "account": issue.wallet.account,
        },
        "subtitle": None,
        "state": write_state(issue),
        **_list_urls(model_admin, request, issue),
    }
    if model_admin.admin_site.get_model_admin(LedgerEntry).has_view_permission(request):
        related = (*wallet_queries.ENTRY_RELATED, "redemption__item", *list_people())
        entries = issue.entries.select_related(*related)
        page = Paginator(entries, ROWS).get_page(request.GET.get("page"))
        context |= {"lines": list(map(EntryLine, page)), "page_obj": page}
    return context


def write_state(issue: TokenIssue) -> str:
    state = wallet_queries.compute_state(issue, timezone.now())
    if state in (wallet_queries.IssueState.OVER, wallet_queries.IssueState.EXPIRED):
        return write_badge("expired", gettext("Expired"))
    if state == wallet_queries.IssueState.USED_UP:
        return write_badge("used", gettext("Used up"))
    if issue.wallet.account.is_frozen:
        return write_badge("frozen", gettext("Frozen with its account"))
    return write_badge("active", str(state.label))


def _list_urls(model_admin: Any, request: HttpRequest, issue: TokenIssue) -> dict[str, str]:
    """The pages where something can be done with it, by the names that the template has."""
    if not may_act(model_admin, request) or wallet_queries.is_expired(issue, timezone.now()):
        return {}
    urls = {"priority_url": page_url(issue, "use_in_turn" if issue.use_last else "use_last")}
    if issue.remaining:
        urls["transfer_url"] = get_transfer_url(issue.wallet, issue)
    if model_admin.may_adjust(request):
        urls["adjust_url"] = page_url(issue, "adjust")
    if issue.expires_at is not None:
        extend = reverse("admin:token_payments_tokenissue_extend")
        urls["extend_url"] = f"{extend}?issues={issue.pk}"
    return urls
