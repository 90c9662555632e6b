"""Token types: what kinds of tokens there are, for everybody; set up by those who may."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from token_payments.db.versions import compute_version
from token_payments.models import TokenType
from token_payments.rest_api.v1.base import ApiViewSet, Input, read_version
from token_payments.rest_api.v1.fields import CurrencyField, MoneyField
from token_payments.rest_api.v1.idempotency import Once, once
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

    class Meta:
        model = TokenType
        fields: ClassVar[Any] = ()


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
        return self._answer(self.find(self.visible(), pk))

    @writes(TokenTypeInput, TokenTypeSerializer, status=201)
    @once()
    def create(self, request: Request, *, once: Once) -> Response:
        """Add a type."""
        self.require("add_tokentype")
        token_type = wallet_operations.add_type(
            TokenType(**self.read(TokenTypeInput)), actor=request.user
        )
        return self._answer(token_type, status=201)

    @writes(TokenTypeInput(partial=True), TokenTypeSerializer, versioned=True)
    @once()
    def partial_update(self, request: Request, pk: int, *, once: Once) -> Response:
        """Change some fields of a type."""
        self.require("change_tokentype")
        token_type = self.find(self.visible(), pk)
        version = read_version(request)
        changes = self.read(TokenTypeInput, instance=token_type, partial=True)
        return self._answer(
            wallet_operations.change_type(
                token_type.pk, changes, actor=request.user, version=version
            )
        )

    @writes(gives=None, status=204)
    @once()
    def destroy(self, request: Request, pk: int, *, once: Once) -> Response:
        """Delete a type that nothing uses; archive one that something does."""
        self.require("delete_tokentype")
        wallet_operations.delete_type(self.find(self.visible(), pk).pk)
        return Response(status=204)

    @writes(gives=TokenTypeSerializer)
    @action(detail=True, methods=["post"])
    @once()
    def archive(self, request: Request, pk: int, *, once: Once) -> Response:
        """Allow no new issue and no new price; what accounts hold stays spendable."""
        self.require("change_tokentype")
        token_type = self.find(self.visible(), pk)
        return self._answer(wallet_operations.archive_type(token_type.pk, actor=request.user))

    @writes(gives=TokenTypeSerializer)
    @action(detail=True, methods=["post"])
    @once()
    def restore(self, request: Request, pk: int, *, once: Once) -> Response:
        """Undo archiving."""
        self.require("change_tokentype")
        token_type = self.find(self.visible(), pk)
        return self._answer(wallet_operations.restore_type(token_type.pk, actor=request.user))

    def _answer(self, token_type: TokenType, *, status: int = 200) -> Response:
        location = ""
        if status == 201:  # noqa: PLR2004 (HTTP's)
            name = "token_payments:v1:token-type-detail"
            location = reverse(name, kwargs={"pk": token_type.pk})
        version = compute_version(token_type)
        return self.answer(token_type, status=status, location=location, version=version)
