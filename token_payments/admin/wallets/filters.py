"""Filters of the lists."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import F, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from token_payments.admin.filters import ListFilter, ObjectFilter
from token_payments.models import Account
from token_payments.wallets import queries as wallet_queries


class ArchivedFilter(ListFilter):
    """Archived types are hidden until somebody asks for them."""

    title = _("archived")
    parameter_name = "archived"
    options = {
        "shown": (_("Show archived"), Q()),
        "only": (_("Only archived"), Q(is_archived=True)),
    }
    all_label = _("Hide archived")

    def get_condition(self, value: str) -> Q:
        return super().get_condition(value) if value in self.options else Q(is_archived=False)


class FrozenFilter(ListFilter):
    title = _("state")
    parameter_name = "state"
    options = {
        "active": (_("Active"), Q(is_frozen=False)),
        "frozen": (_("Frozen"), Q(is_frozen=True)),
    }


class IssueStateFilter(ListFilter):
    """The state of an issue's tokens now; of expired ones none is *used up*."""

    title = _("state")
    parameter_name = "state"

    def list_options(self, request: HttpRequest) -> Iterable[tuple[str, Any]]:
        return [
            ("usable", _("Usable")),
            ("soon", _("Expiring in 30 days")),
            ("frozen", _("Frozen")),
            ("expired", _("Expired")),
            ("used_up", _("Used up")),
        ]

    def get_condition(self, value: str) -> Q:
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
        return states.get(value, Q())


class AccountFilter(ObjectFilter):
    title = _("account")
    parameter_name = "account"
    model_class = Account
    path = "wallet__account"


def order_by_expiry() -> Any:
    """Soonest first; what never expires comes last."""
    return F("expires_at").asc(nulls_last=True)
