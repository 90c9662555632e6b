"""Catalogue items with prices: what is offered, for everybody; all of it for those who may."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from token_payments import models
from token_payments.catalogue import operations as catalogue_operations
from token_payments.catalogue import queries as catalogue_queries
from token_payments.checkout import queries as checkout_queries
from token_payments.hosts.people import get_user
from token_payments.rest_api.v1.base import ApiViewSet, Input, read_version
from token_payments.rest_api.v1.fields import CurrencyField, IdField, MoneyField
from token_payments.rest_api.v1.schema import reads, writes

MAX_SEATS = 2_147_483_647
MAX_TOKENS = 2_147_483_647
MAX_DAYS = 32_767


class TokenPriceSerializer(serializers.Serializer):
    token_type = serializers.IntegerField(source="token_type_id")
    quantity = serializers.IntegerField()


class TokenPriceInput(Input):
    token_type = IdField()
    quantity = serializers.IntegerField(min_value=1, max_value=MAX_TOKENS)


class ItemSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    item_key = serializers.CharField()
    title = serializers.CharField()
    enrolment_method = serializers.ChoiceField(choices=models.ItemEnrolmentMethod.choices)
    payment_methods = serializers.SerializerMethodField()
    price = MoneyField(allow_null=True, help_text="Per seat; null: the course mode's.")
    currency = serializers.CharField()
    token_prices = TokenPriceSerializer(many=True)
    course_mode = serializers.CharField()
    seats = serializers.IntegerField(allow_null=True)
    unenrolment_policy = serializers.ChoiceField(choices=models.ItemUnenrolmentPolicy.choices)
    unenrolment_days = serializers.IntegerField(allow_null=True)

    def get_payment_methods(self, item: models.CatalogueItem) -> list[str]:
        return sorted(method.method for method in item.payment_methods.all())


class ItemInput(Input):
    enrolment_method = serializers.ChoiceField(
        choices=models.ItemEnrolmentMethod.choices, required=False
    )
    payment_methods = serializers.ListField(
        child=serializers.CharField(max_length=32),
        max_length=20,
        required=False,
        help_text="Slugs: token_code, wallet, or others that the site has.",
    )
    price = MoneyField(allow_null=True, required=False)
    currency = CurrencyField(required=False)
    token_prices: Any = serializers.ListSerializer(
        child=TokenPriceInput(), required=False, max_length=100
    )
    course_mode = serializers.CharField(max_length=100, allow_blank=True, required=False)
    seats = serializers.IntegerField(
        min_value=0, max_value=MAX_SEATS, allow_null=True, required=False
    )
    unenrolment_policy = serializers.ChoiceField(
        choices=models.ItemUnenrolmentPolicy.choices, required=False
    )
    unenrolment_days = serializers.IntegerField(
        min_value=0, max_value=MAX_DAYS, allow_null=True, required=False
    )

    def validate_payment_methods(self, slugs: list[str]) -> list[str]:
        known = {method.slug for method in checkout_queries.list_methods()}
        if not known.issuperset(slugs):
            raise serializers.ValidationError(_("The site has no such payment method."))
        return slugs

    def validate_token_prices(self, prices: list[dict[str, int]]) -> dict[models.TokenType, int]:
        types = models.TokenType.objects.in_bulk([price["token_type"] for price in prices])
        if len(types) < len(prices):
            raise serializers.ValidationError(_("There is no such type, or it is named twice."))
        return {types[price["token_type"]]: price["quantity"] for price in prices}


class NewItemInput(ItemInput):
    item_key = serializers.CharField(max_length=255, help_text="E.g. course-v1:Org+Course+Run")


class ItemFilter(filters.FilterSet):
    item_key = filters.CharFilter()
    enrolment_method = filters.ChoiceFilter(choices=models.ItemEnrolmentMethod.choices)


class CatalogueItems(ApiViewSet):
    queryset = models.CatalogueItem.objects.all()
    serializer_class = ItemSerializer
    filterset_class = ItemFilter
    ordering_fields = ("id", "item_key")
    ordering = ("item_key",)
    changing = "change_catalogueitem"

    def visible(self) -> QuerySet[models.CatalogueItem]:
        sees_all = self.may("view_catalogueitem", "change_catalogueitem")
        items = (
            models.CatalogueItem.objects.all()
            if sees_all
            else catalogue_queries.list_offered_items()
        )
        return items.prefetch_related("payment_methods", "token_prices")

    @reads()
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What is offered for tokens; everything for those who may see the catalogue."""
        return self.list_page(self.visible())

    @reads(ItemSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One item; its ETag is what a change names."""
        return self.answer(self.get_row(pk))

    @writes(NewItemInput, ItemSerializer, status=201)
    def create(self, request: Request) -> Response:
        """Put a course into the catalogue."""
        self.require("add_catalogueitem")
        data = self.read(NewItemInput)
        options = {"methods": data.pop("payment_methods", ())}
        options["token_prices"] = data.pop("token_prices", {})
        item = catalogue_operations.add_item(
            models.CatalogueItem(**data), actor=get_user(request), **options
        )
        # whoever adds an item sees that one
        return self.answer_new(self.find(models.CatalogueItem.objects.all(), item.pk))

    @writes(ItemInput(partial=True), ItemSerializer, versioned=True)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change some fields of an item; lists are replaced as a whole."""
        item = self.get_changeable(pk)
        version = read_version(request)
        data = self.read(ItemInput, partial=True)
        options = {
            "methods": data.pop("payment_methods", None),
            "token_prices": data.pop("token_prices", None),
        }
        catalogue_operations.change_item(
            item.pk, data, actor=get_user(request), version=version, **options
        )
        return self.answer(self.get_row(pk))

    def compute_version(self, row: models.CatalogueItem) -> str:
        return catalogue_operations.compute_item_version(row)
