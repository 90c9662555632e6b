"""Which steps of an order other systems are told of (``events.py``): the log has them all."""

from __future__ import annotations

from openedx_events.tooling import OpenEdxPublicSignal

from token_payments import events
from token_payments.orders.models import TokenOrder, TokenOrderAction, TokenOrderLogEntry

SIGNALS: dict[str, OpenEdxPublicSignal] = {
    TokenOrderAction.REQUESTED: events.TOKEN_ORDER_REQUESTED,
    TokenOrderAction.PROCESSED: events.TOKEN_ORDER_PROCESSED,
    TokenOrderAction.CANCELLED: events.TOKEN_ORDER_CANCELLED,
    TokenOrderAction.DECLINED: events.TOKEN_ORDER_CANCELLED,
    TokenOrderAction.WITHDRAWN: events.TOKEN_ORDER_CANCELLED,
    TokenOrderAction.CODES_CANCELLED: events.TOKEN_ORDER_PARTLY_CANCELLED,
    TokenOrderAction.CODES_ASSIGNED: events.TOKEN_CODES_ASSIGNED,
}


def announce_step(entry: TokenOrderLogEntry) -> None:
    """Tell of a step that was logged, on commit: with the order as it is then."""
    signal = SIGNALS.get(entry.action)
    if signal is not None:
        events.announce(signal, lambda: [_describe(entry)])


def _describe(entry: TokenOrderLogEntry) -> events.TokenOrderData:
    rows = TokenOrder.objects.select_related("item", "token_type")
    order = rows.get(pk=entry.order_id)
    return events.TokenOrderData(
        order_id=order.pk,
        number=order.number,
        kind=order.kind,
        status=order.status,
        quantity=order.quantity,
        tokens=entry.quantity or 0,
        buyer_id=order.buyer_id,
        item_key=order.item.item_key if order.item else "",
        account_id=order.account_id,
        token_type=order.token_type.name if order.token_type else "",
        unit_price="" if order.unit_price is None else str(order.unit_price),
        currency=order.currency,
        actor_id=entry.actor_id,
        time=entry.created_at,
    )
