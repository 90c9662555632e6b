"""Token types: what kinds of tokens there are, for everybody; set up by those who may."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from token_payments.db.changes import compute_version
from token_payments.hosts.people import get_user
from token_payments.models import TokenType
from token_payments.rest_api.v1.base import ApiViewSet, Input, read_version
from token_payments.rest_api.v1.fields import CurrencyField, MoneyField
from token_payments.rest_api.v1.schema import reads, writes
from token_payments.wallets import operations as wallet_operations

MAX_DAYS = 36_500
MAX_DESCRIPTION = 4000


class TokenTypeSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField()
    redemption_days = serializers.IntegerField(allow_null=True)
    unit_price = MoneyField(allow_null=True)
    currency = serializers.CharField()
    is_archived = serializers.BooleanField()


class TokenTypeInput(Input):
    name = serializers.CharField(max_length=64)
    description = serializers.CharField(
        max_length=MAX_DESCRIPTION, allow_blank=True, required=False
    )
    redemption_days = serializers.IntegerField(
        min_value=1,
        max_value=MAX_DAYS,
        allow_null=True,
        required=False,
        help_text="From issue to expiry; null: tokens of this type never expire.",
    )
    unit_price = MoneyField(
        allow_null=True, required=False, help_text="Without tax; null: agreed upon."
    )
    currency = CurrencyField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A price has a currency, of what is given and what was there."""
        price, currency = (
            attrs.get(name, getattr(self.instance, name, None))
            for name in ("unit_price", "currency")
        )
        if price is not None and not currency:
            raise serializers.ValidationError({"currency": [_("A price needs a currency.")]})
        return attrs


class TokenTypeFilter(filters.FilterSet):
    name = filters.CharFilter()
    is_archived = filters.BooleanFilter()


class TokenTypes(ApiViewSet):
    queryset = TokenType.objects.all()
    serializer_class = TokenTypeSerializer
    filterset_class = TokenTypeFilter
    ordering_fields = ("id", "name")
    ordering = ("name",)

    def visible(self) -> QuerySet[TokenType]:
        return TokenType.objects.all()

    @reads()
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every type, archived ones too."""
        return self.list_page(self.visible())

    @reads(TokenTypeSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One type; its ETag is what a change names."""
        return self.answer(self.get_row(pk))

    @writes(TokenTypeInput, TokenTypeSerializer, status=201)
    def create(self, request: Request) -> Response:
        """Add a type."""
        self.require("add_tokentype")
        token_type = wallet_operations.add_type(
            TokenType(**self.read(TokenTypeInput)), actor=get_user(request)
        )
        return self.answer_new(token_type)

    @writes(TokenTypeInput(partial=True), TokenTypeSerializer, versioned=True)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change some fields of a type."""
        self.require("change_tokentype")
        token_type = self.get_row(pk)
        version = read_version(request)
        changes = self.read(TokenTypeInput, instance=token_type, partial=True)
        token_type = wallet_operations.change_type(
            token_type.pk, changes, actor=get_user(request), version=version
        )
        return self.answer(token_type)

    @writes(gives=None, status=204)
    def destroy(self, request: Request, pk: int) -> Response:
        """Delete a type that nothing uses; archive one that something does."""
        self.require("delete_tokentype")
        wallet_operations.delete_type(self.get_row(pk).pk)
        return Response(status=204)

    @writes(gives=TokenTypeSerializer, detail=True)
    def archive(self, request: Request, pk: int) -> Response:
        """Allow no new issue and no new price; what accounts hold stays spendable."""
        self.require("change_tokentype")
        token_type = self.get_row(pk)
        return self.answer(wallet_operations.archive_type(token_type.pk, actor=get_user(request)))

    @writes(gives=TokenTypeSerializer, detail=True)
    def restore(self, request: Request, pk: int) -> Response:
        """Undo archiving."""
        self.require("change_tokentype")
        token_type = self.get_row(pk)
        return self.answer(wallet_operations.restore_type(token_type.pk, actor=get_user(request)))

    def compute_version(self, row: TokenType) -> str:
        return compute_version(row)
