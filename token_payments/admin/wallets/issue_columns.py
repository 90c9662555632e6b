"""What the list of issues and the page of one issue show."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.admin.formats import write_badge
from token_payments.admin.pages import page_url
from token_payments.admin.wallets import texts
from token_payments.admin.wallets.filters import order_by_expiry
from token_payments.l10n.formats import format_money, format_number
from token_payments.models import TokenIssue, TokenOrder


class IssueColumns:
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
        return write_expiry_with_time_left(issue)


class IssueDetails:
    @admin.display(description=_("account"))
    def account_link(self, issue: TokenIssue) -> SafeString:
        return texts.write_link(page_url(issue.wallet.account), issue.wallet.account)

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
        url = reverse("admin:token_payments_tokenorder_change", args=[order.pk])
        return texts.write_link(url, order.number)

    @admin.display(description=_("statement"))
    def statement_link(self, issue: TokenIssue) -> SafeString:
        return texts.write_link(texts.statement_url(issue.wallet), issue.wallet)


def write_expiry_with_time_left(issue: TokenIssue) -> SafeString:
    """The day, and below it how soon that is."""
    day = texts.write_expiry(issue.expires_at)
    left = texts.write_time_left(issue.expires_at, timezone.now())
    return format_html('{} <span class="quiet">{}</span>', day, left)
