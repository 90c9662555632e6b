"""Ledger entries and order logs as one feed, for programs that poll."""

from __future__ import annotations

import re
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from token_payments.assignments import queries as assignment_queries
from token_payments.checkout import queries as checkout_queries
from token_payments.hosts.people import get_user
from token_payments.models import AccountRole, LedgerEntry, TokenOrderLogEntry
from token_payments.rest_api.v1.base import ApiViewSet
from token_payments.rest_api.v1.fields import InstantField
from token_payments.rest_api.v1.schema import reads
from token_payments.wallets import queries as wallet_queries

CURSOR = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")
DEFAULT_SIZE, MAX_SIZE = 100, 500


class EventSerializer(serializers.Serializer):
    """`type` is `ledger.` and the entry's kind, or `order.` and the log's action."""

    id = serializers.CharField()
    type = serializers.CharField()
    time = InstantField()
    actor = serializers.CharField(allow_null=True)
    account = serializers.IntegerField(allow_null=True)
    wallet = serializers.IntegerField(allow_null=True)
    token_type = serializers.IntegerField(allow_null=True)
    issue = serializers.IntegerField(allow_null=True)
    redemption = serializers.UUIDField(allow_null=True)
    order = serializers.IntegerField(allow_null=True)
    quantity = serializers.IntegerField(
        allow_null=True, help_text="Tokens, with the sign of the entry; or codes of an order."
    )
    detail = serializers.CharField()


class FeedSerializer(serializers.Serializer):
    events = EventSerializer(many=True)
    cursor = serializers.CharField(help_text="Ask for what comes after this the next time.")
    has_more = serializers.BooleanField()


class FeedQuery(serializers.Serializer):
    after = serializers.RegexField(CURSOR, required=False, default="0-0")
    size = serializers.IntegerField(
        min_value=1, max_value=MAX_SIZE, required=False, default=DEFAULT_SIZE
    )


class Events(ApiViewSet):
    queryset = LedgerEntry.objects.none()
    serializer_class = FeedSerializer
    pagination_class = None

    @reads(
        FeedSerializer,
        filters=False,
        parameters=[
            OpenApiParameter("after", str, description="The cursor of the last answer."),
            OpenApiParameter("size", {"type": "integer", "minimum": 1, "maximum": MAX_SIZE}),
        ],
    )
    def show(self, request: Request) -> Response:
        """What happened after a cursor, the oldest first.

        All of it for those who may see ledger and orders; else that of the accounts that one
        manages and the orders that one looks after. Events are given 10 seconds after they
        happened. What a transaction wrote that took longer than that may be missing: statements
        and orders have it.
        """
        query = FeedQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        match = CURSOR.fullmatch(query.validated_data["after"])
        if match is None:
            raise serializers.ValidationError({"after": [_("This is no cursor.")]})
        sees_ledger, sees_orders = self.may("view_ledgerentry"), self.may("view_tokenorder")
        user = get_user(request)
        managed = wallet_queries.list_accounts(user, role=AccountRole.MANAGER)
        feed = checkout_queries.read_feed(
            checkout_queries.Place(entry=int(match[1]), log=int(match[2])),
            now=timezone.now(),
            size=query.validated_data["size"],
            accounts=None if sees_ledger else managed,
            orders=None if sees_orders else assignment_queries.list_orders_of(user),
        )
        return self.answer(
            {
                "events": [_describe(event) for event in feed.events],
                "cursor": f"{feed.place.entry}-{feed.place.log}",
                "has_more": feed.has_more,
            }
        )


def _describe(event: LedgerEntry | TokenOrderLogEntry) -> dict[str, Any]:
    shared = {
        "time": event.created_at,
        "actor": event.actor.get_username() if event.actor else None,
    }
    nothing = dict.fromkeys(("account", "wallet", "token_type", "issue", "redemption", "order"))
    if isinstance(event, LedgerEntry):
        wallet = event.issue.wallet
        return nothing | {
            **shared,
            "id": f"ledger.{event.pk}",
            "type": f"ledger.{event.kind}",
            "account": wallet.account_id,
            "wallet": wallet.pk,
            "token_type": wallet.token_type_id,
            "issue": event.issue_id,
            "redemption": event.redemption.uuid if event.redemption else None,
            "quantity": event.amount,
            "detail": event.reason,
        }
    return nothing | {
        **shared,
        "id": f"order.{event.pk}",
        "type": f"order.{event.action}",
        "account": event.order.account_id,
        "token_type": event.order.token_type_id,
        "order": event.order_id,
        "quantity": event.quantity,
        "detail": event.detail,
    }
