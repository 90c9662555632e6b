"""Token issues: raised, extended and adjusted by those who may; managers see their account's."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from token_payments import models
from token_payments.rest_api.v1.base import ApiViewSet, Input
from token_payments.rest_api.v1.fields import CurrencyField, IdField, InstantField, MoneyField
from token_payments.rest_api.v1.filters import IdFilter, InstantFilter
from token_payments.rest_api.v1.schema import reads, writes
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets import queries as wallet_queries


class IssueSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    account = serializers.IntegerField(source="wallet.account_id")
    token_type = serializers.IntegerField(source="wallet.token_type_id")
    wallet = serializers.IntegerField(source="wallet_id")
    quantity = serializers.IntegerField()
    remaining = serializers.IntegerField()
    issued_at = InstantField()
    expires_at = InstantField(
        allow_null=True, help_text="From this instant on unusable; null: they never expire."
    )
    source = serializers.ChoiceField(choices=models.IssueSource.choices)  # type: ignore[assignment]
    reference = serializers.CharField()
    unit_price = MoneyField(allow_null=True)
    currency = serializers.CharField()
    use_last = serializers.BooleanField(help_text="Whether it is spent after all others.")


class IssueInput(Input):
    account = IdField()
    token_type = IdField()
    quantity = serializers.IntegerField(min_value=1, max_value=models.MAX_ISSUE)
    expires_at = InstantField(
        allow_null=True,
        required=False,
        default=None,
        help_text="Null: the type's redemption period decides.",
    )
    reference = serializers.CharField(max_length=128, allow_blank=True, required=False, default="")
    reason = serializers.CharField(max_length=255, allow_blank=True, required=False, default="")
    unit_price = MoneyField(allow_null=True, required=False, default=None)
    currency = CurrencyField(required=False, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs["unit_price"] is None) != (not attrs["currency"]):
            text = _("Price and currency go together.")
            raise serializers.ValidationError({"currency": [text]})
        return attrs


class ExtendInput(Input):
    expires_at = InstantField(allow_null=True, help_text="Later than before; null: never.")
    reason = serializers.CharField(max_length=255)


class AdjustInput(Input):
    amount = serializers.IntegerField(
        min_value=-models.MAX_ISSUE,
        max_value=models.MAX_ISSUE,
        help_text="Up, or down with a minus; not 0.",
    )
    reason = serializers.CharField(max_length=255)

    def validate_amount(self, amount: int) -> int:
        if not amount:
            raise serializers.ValidationError(_("Say by how many: not 0."))
        return amount


class UseLastInput(Input):
    use_last = serializers.BooleanField(help_text="True: after all others; false: in its turn.")
    reason = serializers.CharField(max_length=255)


class IssueFilter(filters.FilterSet):
    account = IdFilter(field_name="wallet__account")
    token_type = IdFilter(field_name="wallet__token_type")
    source = filters.ChoiceFilter(choices=models.IssueSource.choices)
    reference = filters.CharFilter()
    expires_before = InstantFilter(field_name="expires_at", lookup_expr="lt")
    expires_after = InstantFilter(field_name="expires_at", lookup_expr="gte")


class Issues(ApiViewSet):
    queryset = models.TokenIssue.objects.all()
    serializer_class = IssueSerializer
    filterset_class = IssueFilter
    changing = "change_tokenissue"

    def visible(self) -> QuerySet[models.TokenIssue]:
        issues = models.TokenIssue.objects.select_related("wallet")
        if self.may("view_tokenissue", "change_tokenissue"):
            return issues
        managed = wallet_queries.list_accounts(self.user, role=models.AccountRole.MANAGER)
        return issues.filter(wallet__account__in=managed)

    @reads()
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every issue, or those of the accounts that one manages; the newest first."""
        return self.list_page(self.visible())

    @reads(IssueSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One issue."""
        return self.answer(self.get_row(pk))

    @writes(IssueInput, IssueSerializer, status=201)
    def create(self, request: Request) -> Response:
        """Raise an issue: give an account tokens."""
        self.require("add_tokenissue")
        data = self.read(IssueInput)
        rows = {"account": models.Account, "token_type": models.TokenType}
        for name, model in rows.items():
            row = model._default_manager.filter(pk=data[name]).first()
            if row is None:
                raise serializers.ValidationError({name: [_("There is no such one.")]})
            data[name] = row
        issue = wallet_operations.raise_issue(**data, **self.once.arguments)
        return self.answer_new(issue)

    @writes(ExtendInput, IssueSerializer, detail=True)
    def extend(self, request: Request, pk: int) -> Response:
        """Let an issue expire later, or never."""
        issue = self.get_changeable(pk)
        wallet_operations.extend_expiry(issue.pk, **self.once.arguments, **self.read(ExtendInput))
        return self.answer(self.get_row(pk))

    @writes(AdjustInput, IssueSerializer, detail=True)
    def adjust(self, request: Request, pk: int) -> Response:
        """Correct an issue by hand, up or down."""
        issue = self.get_changeable(pk)
        wallet_operations.adjust_issue(issue.pk, **self.once.arguments, **self.read(AdjustInput))
        return self.answer(self.get_row(pk))

    @writes(UseLastInput, IssueSerializer, detail=True)
    def use_last(self, request: Request, pk: int) -> Response:
        """Have an issue spent after all others of its wallet, or in its turn again."""
        issue = self.get_changeable(pk)
        wallet_operations.set_use_last(issue.pk, **self.once.arguments, **self.read(UseLastInput))
        return self.answer(self.get_row(pk))
