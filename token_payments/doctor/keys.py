"""The secrets that codes are made with: those in use must be at hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.utils.translation import gettext

from token_payments.doctor.findings import Finding
from token_payments.errors import ConfigurationError
from token_payments.models import CodeStatus, OrderStatus, TokenCode, TokenOrder
from token_payments.orders import queries as order_queries
from token_payments.orders.codes import derive_codes


def list_unusable_keys(_now: datetime) -> Iterator[Finding]:
    """For every key that available codes were made with, the settings have that very key."""
    available = TokenCode.objects.filter(order=OuterRef("pk"), status=CodeStatus.AVAILABLE)
    in_use = Q(status=OrderStatus.PROCESSING) | Q(Exists(available), status=OrderStatus.PROCESSED)
    keys = (
        TokenOrder.objects.filter(in_use)
        .exclude(code_key="")
        .order_by()
        .values("code_key")
        .annotate(first=Min("id"), orders=Count("id"))
    )
    for row in keys:
        order = TokenOrder.objects.get(pk=row["first"])
        try:
            list(derive_codes(key_name=order.code_key, order=order.uuid, serials=[1]))
            order_queries.check_key(order)
        except ConfigurationError as error:
            yield Finding(
                gettext("key “%(name)s”") % {"name": row["code_key"]},
                gettext(
                    "The codes of %(number)s orders, from %(order)s on, can neither be redeemed "
                    "nor shown: %(error)s."
                )
                % {"number": row["orders"], "order": order.number, "error": error},
                advice=gettext(
                    'Put the key back into TOKEN_PAYMENTS["CODE_KEYS"] of the LMS and its '
                    "workers, from where you keep a copy. Without it these codes are lost: cancel "
                    "them and make new ones."
                ),
            )
