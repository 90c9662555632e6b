"""Processing, declining and cancelling an order: each asks first, and says what will happen."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from token_payments import errors
from token_payments.admin.formats import round_money
from token_payments.admin.offer import find_obstacle
from token_payments.admin.orders.cancelling import RefundForm
from token_payments.admin.orders.columns import compute_expiry, write_last_day
from token_payments.admin.orders.head import OrderVisit
from token_payments.admin.orders.messages import explain_obstacle, explain_places
from token_payments.admin.pages import go_to
from token_payments.l10n.formats import format_number
from token_payments.models import OrderStatus, TokenOrder
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries


class DeclineForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=255,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 40}),
        help_text=_("The buyer reads this in the e-mail and on the order's page."),
    )


def finish_processing(visit: OrderVisit) -> HttpResponse:
    """Ask; after *Yes* have the codes made by a worker, or issue the wallet tokens at once."""
    order, now = visit.order, timezone.now()
    if visit.is_sent:
        return resume_processing(visit)
    if order.status != OrderStatus.REQUESTED:
        return go_to(order)
    if order.is_for_wallet:
        template, obstacle = "confirm_issue", explain_obstacle(order, now)
        ends = compute_expiry(order)
    else:
        template, obstacle = "confirm_processing", find_obstacle(order.course)
        ends = order.redeem_by
    return visit.render(
        template,
        obstacle=obstacle,
        places="" if obstacle or order.is_for_wallet else explain_places(order, now),
        redeem_by=write_last_day(ends) if ends else "",
    )


def resume_processing(visit: OrderVisit) -> HttpResponse:
    """Put a worker to the order, another one if its worker may have died; safe while that lives."""
    order = visit.order
    try:
        started = order_operations.start_processing(order.pk, **visit.by)
    except errors.InvalidTransition as error:
        if error.state != OrderStatus.PROCESSED:
            return visit.refuse(error)
        text = gettext("This order has been processed already.")
        return visit.go_and_tell(text, level=messages.INFO)
    except (
        errors.ConfigurationError,
        errors.AccountFrozen,
        errors.TypeArchived,
        errors.ExpiryNotLater,
    ) as error:
        return visit.refuse(error)
    return visit.go_and_tell(_report_issued(order)) if started.is_for_wallet else go_to(order)


def _report_issued(order: TokenOrder) -> str:
    text = ngettext(
        "%(count)s %(type)s token was issued to %(account)s.",
        "%(count)s %(type)s tokens were issued to %(account)s.",
        order.quantity,
    )
    return text % {
        "count": format_number(order.quantity),
        "type": order.token_type,
        "account": order.account,
    }


def report_progress(visit: OrderVisit) -> JsonResponse:
    """How far processing is, for the progress bar."""
    order = visit.order
    made = order_queries.count_generated(order)
    return JsonResponse({"status": order.status, "made": made, "quantity": order.quantity})


def decline(visit: OrderVisit) -> HttpResponse:
    """Ask for the reason; with one decline the order."""
    form = DeclineForm(visit.data)
    if form.is_valid():
        return _decline(visit, form.cleaned_data["reason"])
    if visit.order.status != OrderStatus.REQUESTED:
        return visit.go_and_tell(_explain_too_late(visit.order), level=messages.INFO)
    return visit.render("confirm_decline", form=form)


def _decline(visit: OrderVisit, reason: str) -> HttpResponse:
    try:
        declined = order_operations.decline_order(visit.order.pk, reason=reason, **visit.by)
    except errors.InvalidTransition as error:
        return visit.refuse(error)
    if declined.decline_reason != reason:  # somebody else was first, with another one
        return visit.go_and_tell(_explain_too_late(declined), level=messages.INFO)
    text = gettext("Token Order %(number)s is declined. The buyer is told by e-mail.")
    return visit.go_and_tell(text % {"number": visit.order.number})


def _explain_too_late(order: TokenOrder) -> str:
    if order.status == OrderStatus.CANCELLED and order.decline_reason:
        return gettext("This order has been declined already.")
    return gettext("Only a requested order can be declined: this one is %(state)s.") % {
        "state": str(order.get_status_display()).lower()
    }


def cancel(visit: OrderVisit) -> HttpResponse:
    """Ask, with both numbers and the refund; after *Yes* cancel the order."""
    order = visit.order
    if order.status == OrderStatus.CANCELLED:
        text = gettext("This order has been cancelled already.")
        return visit.go_and_tell(text, level=messages.INFO)
    form = RefundForm(visit.data, order=order, initial={"refund_amount": _suggest_refund(order)})
    if form.is_valid():
        try:
            cancelled = order_operations.cancel_order(order.pk, **form.cleaned_data, **visit.by)
        except errors.RefundTooHigh as error:
            visit.tell(form, error)
        else:
            return visit.go_and_tell(_report_cancelled(cancelled))
    return visit.render("confirm_take_back" if order.is_for_wallet else "confirm_cancel", form=form)


def _suggest_refund(order: TokenOrder) -> Decimal:
    """The cost of the tokens that die, as far as it was not refunded before.

    Nothing for an order that is only requested: it has most likely not been paid.
    """
    limit = order_queries.compute_refund_limit(order)
    if limit is None or order.status == OrderStatus.REQUESTED:
        return Decimal(0)
    counts = order_queries.count_order(order, now=timezone.now())
    # of wallet tokens those that expired are gone already
    dying = (
        counts.available
        if order.is_for_wallet
        else order.quantity - counts.redeemed - counts.cancelled
    )
    suggested: Any = order_queries.suggest_refund(order, dying)
    return round_money(min(suggested, limit), order.currency)


def _report_cancelled(order: TokenOrder) -> str:
    counts = order_queries.count_order(order, now=timezone.now())
    text = gettext("Token Order %(number)s is cancelled.") % {"number": order.number}
    if not counts.redeemed:
        return text
    if order.is_for_wallet:
        stays = ngettext(
            "%(count)s spent token stays spent: what it paid for stays.",
            "%(count)s spent tokens stay spent: what they paid for stays.",
            counts.redeemed,
        )
    else:
        stays = ngettext(
            "%(count)s redeemed token stays valid for its learner.",
            "%(count)s redeemed tokens stay valid for their learners.",
            counts.redeemed,
        )
    return f"{text} {stays % {'count': format_number(counts.redeemed)}}"
