"""Buyers' requests that unused codes or tokens be cancelled, and what is answered."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from token_payments import throttling
from token_payments.assignments import operations as assignment_operations
from token_payments.hosts.people import get_user
from token_payments.models import MAX_ISSUE, CancellationRequest, TokenOrder
from token_payments.orders import operations as order_operations
from token_payments.rest_api.v1.base import ApiViewSet, Input
from token_payments.rest_api.v1.fields import InstantField, MoneyField
from token_payments.rest_api.v1.order_shapes import (
    CancellationSerializer,
    check_serials,
    make_serials_field,
)
from token_payments.rest_api.v1.orders import OrderResource
from token_payments.rest_api.v1.schema import reads, writes
from token_payments.throttling import Limit


class CancellationRequestSerializer(serializers.Serializer):
    """Open until `answered_at`; granted when `cancellation` says what was cancelled."""

    id = serializers.IntegerField()
    order = serializers.IntegerField(source="order_id")
    quantity = serializers.IntegerField()
    serials = serializers.CharField()
    reason = serializers.CharField()
    actor = serializers.CharField(source="actor.username")
    created_at = InstantField()
    answer = serializers.CharField()
    answered_at = InstantField(allow_null=True)
    cancellation = CancellationSerializer(allow_null=True)


class CancellationRequestInput(Input):
    quantity = serializers.IntegerField(min_value=1, max_value=MAX_ISSUE)
    serials = make_serials_field()
    reason = serializers.CharField(max_length=255)


class GrantInput(Input):
    refund_amount = MoneyField(
        required=False, default=Decimal(0), help_text="What was paid back, in its currency."
    )
    answer = serializers.CharField(max_length=255, allow_blank=True, required=False, default="")


class RefuseInput(Input):
    answer = serializers.CharField(max_length=255)


class CancellationRequestFilter(filters.FilterSet):
    is_open = filters.BooleanFilter(field_name="answered_at", lookup_expr="isnull")


class CancellationRequests(OrderResource, ApiViewSet):
    queryset = CancellationRequest.objects.all()
    serializer_class = CancellationRequestSerializer
    filterset_class = CancellationRequestFilter
    changing = "change_tokenorder"

    def visible(self) -> QuerySet[CancellationRequest]:
        """Of those who may see what the order cost. Raises PermissionDenied for its helpers."""
        order = self.get_order(self.kwargs["order_id"])
        if not self.may("view_tokenorder", "change_tokenorder") and not self.is_owner(order):
            raise PermissionDenied
        return order.cancellation_requests.select_related("actor", "cancellation__actor")

    @reads()
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What was asked for, and answered, of one order; the newest first."""
        return self.list_page(self.visible())

    @reads(CancellationRequestSerializer)
    def retrieve(self, request: Request, order_id: int, pk: int) -> Response:
        """One request."""
        return self.answer(self.get_row(pk))

    @writes(CancellationRequestInput, CancellationRequestSerializer, status=201)
    def create(self, request: Request, order_id: int) -> Response:
        """Ask for unused codes or tokens to be cancelled: nothing is, until it is granted.

        For the order's owners, where they don't cancel by themselves. Whoever answers is mailed.
        """
        order = self._get_own(order_id)
        throttling.check(request, Limit.CANCELLATIONS)
        data = check_serials(self.read(CancellationRequestInput), order)
        made = assignment_operations.request_cancellation(order.pk, **self.once.arguments, **data)
        throttling.count(request, Limit.CANCELLATIONS)
        return self.answer(made, status=201)

    @writes(gives=CancellationRequestSerializer, detail=True)
    def withdraw(self, request: Request, order_id: int, pk: int) -> Response:
        """Take an open request back; for the order's owners."""
        self._get_own(order_id)
        asked = self.get_row(pk)
        order_operations.withdraw_cancellation(asked.pk, actor=get_user(request), now=self.once.now)
        return self.answer(self.get_row(pk))

    @writes(GrantInput, CancellationRequestSerializer, detail=True)
    def grant(self, request: Request, order_id: int, pk: int) -> Response:
        """Cancel what was asked for; whoever asked is mailed."""
        asked = self.get_changeable(pk)
        data = self.read(GrantInput)
        assignment_operations.grant_cancellation(
            asked.pk, actor=get_user(request), now=self.once.now, **data
        )
        return self.answer(self.get_row(pk))

    @writes(RefuseInput, CancellationRequestSerializer, detail=True)
    def decline(self, request: Request, order_id: int, pk: int) -> Response:
        """Refuse what was asked for; whoever asked is mailed the answer."""
        asked = self.get_changeable(pk)
        data = self.read(RefuseInput)
        order_operations.decline_cancellation(
            asked.pk, actor=get_user(request), now=self.once.now, **data
        )
        return self.answer(self.get_row(pk))

    def _get_own(self, order_id: int) -> TokenOrder:
        order = self.get_order(order_id)
        if not self.is_owner(order):
            raise PermissionDenied
        return order
