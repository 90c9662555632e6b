"""Filters of the list of redemptions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from token_payments.checkout import queries as checkout_queries


class MethodFilter(admin.SimpleListFilter):
    title = _("payment method")
    parameter_name = "method"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin
    ) -> Iterable[tuple[str, Any]]:
        return [(method.slug, method.label) for method in checkout_queries.list_methods()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(method=self.value()) if self.value() else queryset


class EnrolmentFilter(admin.SimpleListFilter):
    """As the daily sweep saw it last: the platform can't be asked about every payment at once."""

    title = _("enrolment")
    parameter_name = "enrolment"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin
    ) -> Iterable[tuple[str, Any]]:
        return [("missing", _("Paid, not enrolled")), ("left", _("Has left"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "missing":
            return queryset.filter(missing_since__isnull=False)
        if self.value() == "left":
            return queryset.filter(left_at__isnull=False, live=True)
        return queryset
