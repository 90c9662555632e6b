"""Filters of the lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from token_payments.admin.lookups import read_number
from token_payments.models import Account
from token_payments.wallets import queries as wallet_queries


class ArchivedFilter(admin.SimpleListFilter):
    """Archived types are hidden until somebody asks for them."""

    title = _("archived")
    parameter_name = "archived"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin
    ) -> Iterable[tuple[str, Any]]:
        return [("shown", _("Show archived")), ("only", _("Only archived"))]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        choices: Iterator[Any] = super().choices(changelist)
        yield {**next(choices), "display": _("Hide archived")}
        yield from choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "shown":
            return queryset
        return queryset.filter(is_archived=self.value() == "only")


class FrozenFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin
    ) -> Iterable[tuple[str, Any]]:
        return [("active", _("Active")), ("frozen", _("Frozen"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in {"active", "frozen"}:
            return queryset
        return queryset.filter(is_frozen=self.value() == "frozen")


class IssueStateFilter(admin.SimpleListFilter):
    """What can be done with an issue's tokens now; of those that expired none is *used up*."""

    title = _("state")
    parameter_name = "state"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin
    ) -> Iterable[tuple[str, Any]]:
        return [
            ("usable", _("Usable")),
            ("soon", _("Expiring in 30 days")),
            ("frozen", _("Frozen")),
            ("expired", _("Expired")),
            ("used_up", _("Used up")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now = timezone.now()
        is_frozen = Q(wallet__account__is_frozen=True)
        unspent, expired = wallet_queries.is_usable(now), Q(expires_at__lte=now)
        usable = unspent & ~is_frozen
        states = {
            "usable": usable,
            "frozen": unspent & is_frozen,
            "soon": usable & Q(expires_at__lte=wallet_queries.end_of_soon(now)),
            "expired": expired,
            "used_up": Q(remaining=0) & ~expired,
        }
        return queryset.filter(states.get(self.value() or "", Q()))


class AccountFilter(admin.SimpleListFilter):
    """One account, chosen by a link from its page; ``path`` leads from a row to its account."""

    title = _("account")
    parameter_name = "account"
    path = "wallet__account"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin
    ) -> Iterable[tuple[str, Any]]:
        number = read_number(request.GET.get(self.parameter_name, ""))
        account = Account.objects.filter(pk=number).first() if number else None
        return [(str(account.pk), account.name)] if account else []

    def has_output(self) -> bool:
        """Also for an account that there isn't: its list is empty, not everybody's."""
        return self.value() is not None

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if value is None:
            return queryset
        number = read_number(value)
        return queryset.filter(**{self.path: number}) if number else queryset.none()


def order_by_expiry() -> Any:
    """Soonest first; what never expires comes last."""
    return F("expires_at").asc(nulls_last=True)
