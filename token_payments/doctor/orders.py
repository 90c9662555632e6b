"""Code orders: as many codes as were ordered, cancellations that add up, none that hangs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext

from token_payments import models
from token_payments.doctor.codes import name_code
from token_payments.doctor.findings import Finding, Severity, walk
from token_payments.l10n.formats import format_money

ORDERS = 200  # in one chunk: each may have a million codes
SMALLEST_AMOUNT = Decimal("0.001")
STUCK_AFTER = timedelta(hours=1)


def list_wrong_code_numbers(_now: datetime) -> Iterator[Finding]:
    """A processed order has its codes; one in processing has the first so many.

    They are numbered from 1 without a gap, those that were replaced among them; for each of these
    there is another one.
    """
    for_codes, no_gap = Q(kind=models.OrderKind.CODES), Q(first=1, stored=F("last"))
    right = (
        (for_codes & Q(status=models.OrderStatus.PROCESSED, made=F("quantity")) & no_gap)
        | (for_codes & Q(status__in=("processing", "cancelled"), made__lte=F("quantity")) & no_gap)
        | (Q(made=0) & (Q(status=models.OrderStatus.REQUESTED) | ~for_codes))
    )
    for orders in walk(models.TokenOrder.objects.all(), ORDERS):
        counted = orders.annotate(
            made=Count("codes", filter=~Q(codes__status=models.CodeStatus.REPLACED)),
            stored=Count("codes"),
            first=Coalesce(Min("codes__serial"), 1),
            last=Coalesce(Max("codes__serial"), 0),
        )
        for order in counted.exclude(right):
            yield Finding(
                name_order(order),
                gettext(
                    "The order is “%(status)s”, for %(quantity)s; it has %(made)s codes, the last "
                    "one numbered %(last)s."
                )
                % {
                    "status": order.get_status_display(),
                    "quantity": order.quantity,
                    "made": order.made,
                    "last": order.last,
                },
            )


def list_codes_that_outlived_their_order(_now: datetime) -> Iterator[Finding]:
    """A cancelled order has no available code."""
    available = models.TokenCode.objects.filter(
        order=OuterRef("pk"), status=models.CodeStatus.AVAILABLE
    )
    for order in models.TokenOrder.objects.filter(
        Exists(available), status=models.OrderStatus.CANCELLED
    ):
        yield Finding(
            name_order(order),
            gettext("The order is cancelled, but has codes that are still available."),
            advice=gettext(
                "Nobody can redeem them: a cancelled order's codes are refused. Find out what "
                "changed the order or its codes beside the plugin, and whether more was refunded "
                "than was cancelled."
            ),
        )


def list_wrong_code_cancellations(_now: datetime) -> Iterator[Finding]:
    """A cancellation has as many cancelled codes as it says, and each such code has one."""
    recorded = models.TokenOrderCancellation.objects.filter(order__kind=models.OrderKind.CODES)
    for cancellations in walk(recorded):
        counted = cancellations.annotate(cancelled=Count("codes")).exclude(cancelled=F("quantity"))
        for cancellation in counted.select_related("order"):
            yield Finding(
                name_order(cancellation.order),
                gettext(
                    "Cancellation %(id)s is of %(quantity)s codes, but it cancelled %(cancelled)s."
                )
                % {
                    "id": cancellation.pk,
                    "quantity": cancellation.quantity,
                    "cancelled": cancellation.cancelled,
                },
            )
    for codes in walk(models.TokenCode.objects.all()):
        unrecorded = codes.filter(status=models.CodeStatus.CANCELLED, cancellation__isnull=True)
        for code in unrecorded.select_related("order"):
            yield Finding(
                name_code(code), gettext("The code is cancelled, but no cancellation has it.")
            )


def list_wrong_refunds(_now: datetime) -> Iterator[Finding]:
    """Of an order that has a price no more is refunded than it cost."""
    for orders in walk(models.TokenOrder.objects.filter(unit_price__isnull=False)):
        sums = orders.annotate(refunded=Sum("cancellations__refund_amount"))
        for order in sums.filter(refunded__gt=0):
            # here, since SQLite adds and multiplies money as floats
            if order.refunded.quantize(SMALLEST_AMOUNT) <= (order.total or 0):
                continue
            yield Finding(
                name_order(order),
                gettext("It cost %(cost)s, but %(refunded)s were refunded.")
                % {
                    "cost": format_money(order.total, order.currency),
                    "refunded": format_money(order.refunded, order.currency),
                },
                advice=gettext("Compare the order's refunds with your accounts."),
            )


def list_stuck_orders(now: datetime) -> Iterator[Finding]:
    """No order is being processed for an hour."""
    begun = models.TokenOrderLogEntry.objects.filter(
        order=OuterRef("pk"), action=models.TokenOrderAction.PROCESSING
    )
    begun_at = Subquery(begun.order_by("-id").values("created_at")[:1])
    processing = models.TokenOrder.objects.filter(status=models.OrderStatus.PROCESSING)
    stuck = processing.annotate(begun_at=Coalesce(begun_at, "created_at"))
    for order in stuck.filter(begun_at__lt=now - STUCK_AFTER).annotate(made=Count("codes")):
        yield Finding(
            name_order(order),
            gettext("Its %(quantity)s codes are being made since %(time)s (UTC): %(made)s are.")
            % {
                "quantity": order.quantity,
                "time": f"{order.begun_at:%Y-%m-%d %H:%M}",
                "made": order.made,
            },
            advice=gettext(
                "See that the Celery workers run, then open the order in the admin and select "
                "“Resume”: no code is made twice."
            ),
            severity=Severity.NOTE,
        )


def name_order(order: models.TokenOrder) -> str:
    return gettext("order %(number)s") % {"number": order.number}
