"""Wallet orders: the tokens that were ordered are in the account, less what was cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext

from token_payments import models
from token_payments.doctor.agreement import list_wrongly_cancelled
from token_payments.doctor.findings import Finding, Severity, call_support, walk
from token_payments.doctor.orders import name_order


def list_wrong_issues(_now: datetime) -> Iterator[Finding]:
    """A processed wallet order has an issue of its account, type and quantity."""
    agrees = Q(
        issue__quantity=F("quantity"),
        issue__wallet__account=F("account"),
        issue__wallet__token_type=F("token_type"),
        issue__source=models.IssueSource.ORDER,
    )
    none = Q(issue__isnull=True)
    right = (
        (Q(status=models.OrderStatus.PROCESSED) & agrees)
        | (Q(status=models.OrderStatus.CANCELLED) & (none | agrees))
        | (Q(status__in=(models.OrderStatus.REQUESTED, models.OrderStatus.PROCESSING)) & none)
    )
    for orders in walk(_list_orders()):
        for order in orders.exclude(pk__in=orders.filter(right).values("pk")):
            yield Finding(
                name_order(order),
                gettext(
                    "The order is “%(status)s”, for %(quantity)s tokens, but its issue (%(issue)s) "
                    "isn't of this account, type and quantity."
                )
                % {
                    "status": order.get_status_display(),
                    "quantity": order.quantity,
                    "issue": order.issue_id or gettext("none"),
                },
            )


def list_issues_without_order(_now: datetime) -> Iterator[Finding]:
    """An issue that says it comes from an order has one."""
    for issues in walk(models.TokenIssue.objects.filter(source=models.IssueSource.ORDER)):
        for issue in issues.filter(order__isnull=True):
            yield Finding(
                gettext("issue %(id)s") % {"id": issue.pk},
                gettext("It is said to come from a token order, but none has it."),
                advice=gettext("Look for who raised it, in its first entry, and ask what for."),
                severity=Severity.NOTE,
            )


def list_wrong_cancellations(_now: datetime) -> Iterator[Finding]:
    """An order's cancellations are of as many tokens as its issue's entries took back."""
    for orders in walk(_list_orders()):
        for order in list_wrongly_cancelled(orders):
            yield Finding(
                name_order(order),
                gettext(
                    "Its cancellations are of %(recorded)s tokens, but %(taken)s were taken back."
                )
                % {"recorded": order.recorded, "taken": order.taken_back},
            )


def list_tokens_that_outlived_their_order(now: datetime) -> Iterator[Finding]:
    """A cancelled order has no tokens to spend, but for those given back to it since: a note."""
    usable = Q(issue__expires_at__isnull=True) | Q(issue__expires_at__gt=now)
    came_back = Q(
        issue__entries__kind__in=(models.EntryKind.REVERSAL, models.EntryKind.ADJUSTMENT_UP)
    )
    cancelled = _list_orders().filter(status=models.OrderStatus.CANCELLED)
    for orders in walk(cancelled.select_related("issue")):
        unspent = orders.filter(usable, issue__remaining__gt=0)
        sums = unspent.annotate(back=Coalesce(Sum("issue__entries__amount", filter=came_back), 0))
        for order in sums:
            assert order.issue is not None
            is_explained = order.back >= order.issue.remaining
            yield Finding(
                name_order(order),
                gettext("The order is cancelled, but %(remaining)s of its tokens can be spent.")
                % {"remaining": order.issue.remaining},
                advice=gettext(
                    "They were given back after the order was cancelled. If they should be gone, "
                    "adjust issue %(issue)s down."
                )
                % {"issue": order.issue_id}
                if is_explained
                else call_support(),
                severity=Severity.NOTE if is_explained else Severity.ERROR,
            )


def _list_orders() -> QuerySet[models.TokenOrder]:
    return models.TokenOrder.objects.filter(kind=models.OrderKind.WALLET)
