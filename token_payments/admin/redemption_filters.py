"""Filters of the list of redemptions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from token_payments.admin.filters import ListFilter
from token_payments.checkout import queries as checkout_queries


class MethodFilter(ListFilter):
    title = _("payment method")
    parameter_name = "method"

    def list_options(self, request: HttpRequest) -> Iterable[tuple[str, Any]]:
        return [(method.slug, method.label) for method in checkout_queries.list_methods()]

    def get_condition(self, value: str) -> Q:
        return Q(method=value) if value else Q()


class EnrolmentFilter(ListFilter):
    """As the daily sweep saw it last: the platform can't be asked about every payment at once."""

    title = _("enrolment")
    parameter_name = "enrolment"
    options = {
        "missing": (_("Paid, not enrolled"), Q(missing_since__isnull=False)),
        "left": (_("Has left"), Q(left_at__isnull=False, live=True)),
    }
