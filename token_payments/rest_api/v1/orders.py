"""Token Orders: requested by buyers, processed, declined and cancelled by those who may."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from token_payments import models, throttling
from token_payments.assignments import operations as assignment_operations
from token_payments.assignments import queries as assignment_queries
from token_payments.catalogue import queries as catalogue_queries
from token_payments.errors import NotOffered, NumberTaken
from token_payments.hosts.people import get_user, list_by_user_name
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries
from token_payments.rest_api.v1 import order_shapes
from token_payments.rest_api.v1.base import ApiViewSet
from token_payments.rest_api.v1.filters import IdFilter, InstantFilter
from token_payments.rest_api.v1.schema import reads, writes
from token_payments.throttling import Limit
from token_payments.wallets import queries as wallet_queries

SALT = "token_payments.api.order"
RELATED = ("buyer", "item")
#: What only those who may add orders decide.
STAFF_FIELDS = ("buyer", "invoice_number", "group_name", "redeem_by", "unit_price", "currency")


class OrderFilter(filters.FilterSet):
    status = filters.ChoiceFilter(choices=models.OrderStatus.choices)
    kind = filters.ChoiceFilter(choices=models.OrderKind.choices)
    account = IdFilter(field_name="account")
    buyer = filters.CharFilter(field_name="buyer__username")
    item_key = filters.CharFilter(field_name="item__item_key")
    purchase_order = filters.CharFilter()
    invoice_number = filters.CharFilter()
    since = InstantFilter(field_name="created_at", lookup_expr="gte")
    until = InstantFilter(field_name="created_at", lookup_expr="lt")


class OrderResource:
    """Which orders are whose; for resources below an order, too."""

    def visible_orders(self: Any) -> QuerySet[models.TokenOrder]:
        if self.may("view_tokenorder", "change_tokenorder"):
            orders: QuerySet[models.TokenOrder] = models.TokenOrder.objects.all()
        else:
            orders = assignment_queries.list_orders_of(self.request.user)
        return orders.select_related(*RELATED)

    def get_order(self: Any, order_id: int, *, for_codes: bool = False) -> models.TokenOrder:
        """An order that the user may see. Raises Http404; also for wallet orders ``for_codes``."""
        order: models.TokenOrder = self.find(self.visible_orders(), order_id)
        if for_codes and order.is_for_wallet:
            raise Http404
        return order

    def require_distributor(self: Any, order: models.TokenOrder) -> None:
        """For those who hand the order's codes out. Raises PermissionDenied."""
        if not assignment_queries.may_distribute(self.request.user, order):
            raise PermissionDenied

    def is_owner(self: Any, order: models.TokenOrder) -> bool:
        access = assignment_queries.find_access(self.request.user, order.pk)
        return access is not None and access.is_owner


class Orders(OrderResource, ApiViewSet):
    queryset = models.TokenOrder.objects.all()
    serializer_class = order_shapes.OrderSerializer
    filterset_class = OrderFilter
    changing = "change_tokenorder"

    def visible(self) -> QuerySet[models.TokenOrder]:
        return self.visible_orders()

    @reads()
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The orders that one looks after, or all; the newest first."""
        return self.list_page(self.visible())

    @reads(order_shapes.OrderSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One order."""
        return self.answer(self.get_row(pk))

    @writes(order_shapes.OrderInput, order_shapes.OrderSerializer, status=201)
    def create(self, request: Request) -> Response:
        """Request codes for a course, or tokens for the wallet of an account that one manages."""
        is_staff = self.may("add_tokenorder")
        if not is_staff:
            throttling.check(request, Limit.ORDERS, Limit.NUMBERS)
        order = self._make_order(self.read(order_shapes.OrderInput), is_staff=is_staff)
        digest = salted_hmac(SALT, self.once.key, algorithm="sha256").digest()
        order.uuid = uuid.UUID(bytes=digest[:16], version=5)  # MariaDB takes no other bits
        try:
            order = order_operations.request_order(
                order, actor=get_user(request), now=self.once.now
            )
        except NumberTaken:
            throttling.count(request, Limit.NUMBERS)
            raise
        throttling.count(request, Limit.ORDERS)
        # whoever orders for somebody else may not see it afterwards, but is told what was made
        made = models.TokenOrder.objects.select_related(*RELATED).get(pk=order.pk)
        return self.answer_new(made)

    @writes(gives=order_shapes.OrderSerializer, detail=True)
    def process(self, request: Request, pk: int) -> Response:
        """Have a worker make the codes, or issue the wallet tokens at once; resumes, too."""
        order = self.get_changeable(pk)
        order_operations.start_processing(order.pk, actor=get_user(request), now=self.once.now)
        return self.answer(self.get_row(pk))

    @writes(order_shapes.DeclineInput, order_shapes.OrderSerializer, detail=True)
    def decline(self, request: Request, pk: int) -> Response:
        """Refuse a requested order; the buyer is told why."""
        order = self.get_changeable(pk)
        data = self.read(order_shapes.DeclineInput)
        order_operations.decline_order(order.pk, actor=get_user(request), now=self.once.now, **data)
        return self.answer(self.get_row(pk))

    @writes(gives=order_shapes.OrderSerializer, detail=True)
    def withdraw(self, request: Request, pk: int) -> Response:
        """Take an order back that nobody has begun to process; for its owners."""
        order = self.get_order(pk)
        if not self.is_owner(order):
            raise PermissionDenied
        order_operations.withdraw_order(order.pk, actor=get_user(request), now=self.once.now)
        return self.answer(self.get_row(pk))

    @writes(order_shapes.CancelInput, order_shapes.OrderSerializer, detail=True)
    def cancel(self, request: Request, pk: int) -> Response:
        """Cancel an order: unused codes die, unspent tokens are taken back, the rest stays."""
        order = self.get_changeable(pk)
        order_operations.cancel_order(
            order.pk,
            actor=get_user(request),
            now=self.once.now,
            **self.read(order_shapes.CancelInput),
        )
        return self.answer(self.get_row(pk))

    @writes(
        order_shapes.CancelTokensInput, order_shapes.CancellationSerializer, status=201, detail=True
    )
    def cancel_tokens(self, request: Request, pk: int) -> Response:
        """Cancel some unused codes that are nobody's, or unspent wallet tokens.

        Buyers where the site lets them; what the tokens cost is then their refund.
        """
        order = self.get_order(pk)
        data = order_shapes.check_serials(self.read(order_shapes.CancelTokensInput), order)
        refund = data.pop("refund_amount", None)
        shared = {**self.once.arguments, **data}
        if self.may("change_tokenorder"):
            done = assignment_operations.cancel_unused(
                order.pk, refund_amount=refund or Decimal(0), **shared
            )
        elif not self.is_owner(order):
            raise PermissionDenied
        elif refund is not None:
            text = _("What the tokens cost is refunded.")
            raise serializers.ValidationError({"refund_amount": [text]})
        else:
            done = assignment_operations.cancel_own(order.pk, **shared)
        return Response(order_shapes.CancellationSerializer(done).data, status=201)

    def _make_order(self, data: dict[str, Any], *, is_staff: bool) -> models.TokenOrder:
        """The order that is asked for, unsaved. Raises ValidationError, NotOffered."""
        if not is_staff:
            kept = {name: [_("Not for buyers.")] for name in STAFF_FIELDS if name in data}
            if kept:
                raise serializers.ValidationError(kept)
        billing = {f"billing_{name}": value for name, value in data.pop("billing").items()}
        buyer = data.pop("buyer", None)
        order = models.TokenOrder(
            buyer=self._get_buyer(buyer),
            account=self._find_account(data.pop("account", None), is_staff=is_staff),
            item=self._find_item(data.pop("item_key", None), is_staff=is_staff),
            token_type=self._find_type(data.pop("token_type", None)),
            **billing,
        )
        for name, value in data.items():
            setattr(order, name, value)
        return order

    def _get_buyer(self, username: str | None) -> Any:
        if username is None:
            return self.request.user
        found = [each for each in list_by_user_name(username) if each.is_active]
        if not found:
            raise serializers.ValidationError({"buyer": [_("There is no such user.")]})
        return found[0]

    def _find_account(self, pk: int | None, *, is_staff: bool) -> models.Account | None:
        if pk is None:
            return None
        managed = wallet_queries.list_accounts(self.user, role=models.AccountRole.MANAGER)
        accounts = models.Account.objects.all() if is_staff else managed
        account = accounts.filter(pk=pk).first()
        if account is None:
            text = _("There is no such one that you manage.")
            raise serializers.ValidationError({"account": [text]})
        return account

    def _find_item(self, item_key: str | None, *, is_staff: bool) -> models.CatalogueItem | None:
        """Raises NotOffered for what codes can't be ordered for, by this user."""
        if item_key is None:
            return None
        item = models.CatalogueItem.objects.filter(item_key=item_key).first()
        if item is None or not (is_staff or item in catalogue_queries.list_orderable_items()):
            raise NotOffered(item_key)
        return item

    def _find_type(self, pk: int | None) -> models.TokenType | None:
        found = models.TokenType.objects.filter(pk=pk).first() if pk else None
        if pk and found is None:
            raise serializers.ValidationError({"token_type": [_("There is no such one.")]})
        return found

    def present(self, rows: Sequence[models.TokenOrder]) -> Sequence[dict[str, Any]]:
        """The orders as this user sees them: helpers see no money."""
        counts = order_queries.count_orders(rows, now=timezone.now())
        sees_all = self.may("view_tokenorder", "change_tokenorder", "add_tokenorder")
        managed = wallet_queries.list_accounts(self.user, role=models.AccountRole.MANAGER)
        ids = set() if sees_all else set(managed.values_list("pk", flat=True))
        shown = []
        for order in rows:
            is_owner = order.buyer_id == self.request.user.pk or order.account_id in ids
            is_open = sees_all or is_owner
            shown.append(
                {
                    "order": order,
                    "counts": counts[order.pk],
                    "money": order if is_open else None,
                    "billing": order if is_open else None,
                }
            )
        return shown
