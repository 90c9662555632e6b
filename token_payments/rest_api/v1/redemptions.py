"""Redemptions: paying for enrolments, by code or from a wallet, and undoing it."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from token_payments import models
from token_payments.bulk import operations as bulk_operations
from token_payments.bulk import queries as bulk_queries
from token_payments.checkout import operations as checkout_operations
from token_payments.checkout import queries as checkout_queries
from token_payments.hosts.people import get_user
from token_payments.rest_api.v1.base import ApiViewSet, Input
from token_payments.rest_api.v1.fields import IdField, InstantField, MoneyField
from token_payments.rest_api.v1.filters import IdFilter, InstantFilter
from token_payments.rest_api.v1.jobs import ACCEPTED, JobSerializer, accept
from token_payments.rest_api.v1.schema import reads, writes
from token_payments.throttling import Limit, guard_attempt
from token_payments.wallets import queries as wallet_queries

MAX_TOKENS = 2_147_483_647
RELATED = ("learner", "item", "code", "actor", "reversed_by", "wallet")


class RedemptionSerializer(serializers.Serializer):
    id = serializers.UUIDField(source="uuid")
    state = serializers.ChoiceField(choices=models.RedemptionState.choices)
    learner = serializers.CharField(source="learner.username")
    item_key = serializers.CharField(source="item.item_key")
    method = serializers.CharField()
    account = serializers.IntegerField(source="wallet.account_id", default=None, allow_null=True)
    wallet = serializers.IntegerField(source="wallet_id", allow_null=True)
    tokens = serializers.IntegerField(allow_null=True)
    order = serializers.IntegerField(source="code.order_id", default=None, allow_null=True)
    code_last_four = serializers.CharField(source="code.last_four", default=None, allow_null=True)
    mode = serializers.CharField()
    price = MoneyField(allow_null=True, help_text="What the seat was worth when it was paid.")
    currency = serializers.CharField()
    group_name = serializers.CharField()
    group_state = serializers.ChoiceField(choices=models.GroupState.choices)
    actor = serializers.CharField(source="actor.username")
    created_at = InstantField()
    completed_at = InstantField(allow_null=True)
    left_at = InstantField(allow_null=True)
    reversed_at = InstantField(allow_null=True)
    reversed_by = serializers.CharField(
        source="reversed_by.username", default=None, allow_null=True
    )
    reversal_reason = serializers.CharField()


class RedemptionInput(Input):
    item_key = serializers.CharField(max_length=255)
    code = serializers.CharField(
        max_length=80, required=False, help_text="A Token Code, in any spelling; or else a wallet."
    )
    wallet = IdField(required=False)
    tokens = serializers.IntegerField(
        min_value=1,
        max_value=MAX_TOKENS,
        required=False,
        help_text="The price agreed to; left out: that of today.",
    )
    learner = serializers.CharField(
        max_length=150, required=False, help_text="A user name; left out: oneself."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("code" in attrs) == ("wallet" in attrs):
            raise serializers.ValidationError(_("Name a code or a wallet, one of them."))
        if "tokens" in attrs and "wallet" not in attrs:
            raise serializers.ValidationError({"tokens": [_("Only with a wallet.")]})
        return attrs


class MembersInput(Input):
    item_key = serializers.CharField(max_length=255)
    wallet = IdField()
    tokens = serializers.IntegerField(
        min_value=1, max_value=MAX_TOKENS, help_text="The price agreed to for each."
    )
    members = serializers.ListField(
        child=serializers.CharField(max_length=254),
        min_length=1,
        max_length=checkout_queries.MAX_PEOPLE,
        help_text="User names or e-mail addresses of members of the account.",
    )


class BulkInput(MembersInput):
    members = serializers.ListField(
        child=serializers.CharField(max_length=bulk_queries.MAX_ENTERED),
        min_length=1,
        max_length=bulk_queries.MAX_ROWS,
        help_text="User names or e-mail addresses of members of the account.",
    )


class MemberResultSerializer(serializers.Serializer):
    member = serializers.CharField(help_text="As it was named.")
    redemption = RedemptionSerializer(allow_null=True)
    reason = serializers.CharField(help_text="Why there is none; empty when there is one.")


class MembersResultSerializer(serializers.Serializer):
    results = MemberResultSerializer(many=True)


class ReverseInput(Input):
    reason = serializers.CharField(max_length=255)
    unenrol = serializers.BooleanField(required=False, default=False)


class RedemptionFilter(filters.FilterSet):
    state = filters.ChoiceFilter(choices=models.RedemptionState.choices)
    learner = filters.CharFilter(field_name="learner__username")
    item_key = filters.CharFilter(field_name="item__item_key")
    account = IdFilter(field_name="wallet__account")
    wallet = IdFilter(field_name="wallet")
    order = IdFilter(field_name="code__order")
    since = InstantFilter(field_name="created_at", lookup_expr="gte")
    until = InstantFilter(field_name="created_at", lookup_expr="lt")


class Redemptions(ApiViewSet):
    queryset = models.Redemption.objects.all()
    serializer_class = RedemptionSerializer
    filterset_class = RedemptionFilter
    changing = "change_redemption"
    lookup_field = "uuid"
    lookup_value_converter = "uuid"
    limits = {
        "create": Limit.API_REDEMPTIONS,
        "members": Limit.API_REDEMPTIONS,
        "bulk": Limit.API_JOBS,
    }

    def visible(self) -> QuerySet[models.Redemption]:
        rows = models.Redemption.objects.select_related(*RELATED)
        if self.may("view_redemption", "change_redemption"):
            return rows
        user = self.user
        managed = (
            wallet_queries.list_accounts(user, role=models.AccountRole.MANAGER)
            .order_by()
            .values("pk")
        )
        return rows.filter(Q(learner=user) | Q(actor=user) | Q(wallet__account__in=managed))

    @reads()
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One's own payments, those one made, and those of accounts one manages; or all."""
        return self.list_page(self.visible())

    @reads(RedemptionSerializer)
    def retrieve(self, request: Request, uuid: Any) -> Response:
        """One redemption."""
        return self.answer(self.get_row(uuid))

    @writes(RedemptionInput, RedemptionSerializer, status=201, atomic=False)
    def create(self, request: Request) -> Response:
        """Pay for a course and enrol the learner in it: both, or neither."""
        data = self.read(RedemptionInput)
        if "wallet" in data:
            wallet = self._get_wallet(data["wallet"])
            learner = self.get_learner(data.get("learner"), account=wallet.account)
            reference = {"wallet": str(wallet.pk)}
            if "tokens" in data:
                reference["tokens"] = str(data["tokens"])
            redemption = self._redeem(learner, data["item_key"], models.WALLET_METHOD, reference)
        else:
            learner = self.get_learner(data.get("learner"))
            reference = dict(checkout_queries.refer_to_text(data["code"]))
            with guard_attempt(request, models.TOKEN_CODE_METHOD):
                redemption = self._redeem(
                    learner, data["item_key"], models.TOKEN_CODE_METHOD, reference
                )
        return self.answer_new(_read(redemption))

    @writes(MembersInput, MembersResultSerializer, detail=False, atomic=False)
    def members(self, request: Request) -> Response:
        """Pay for up to 200 members of an account, each by itself: its managers, and programs."""
        data = self.read(MembersInput)
        wallet = self._get_wallet(data["wallet"])
        people = checkout_queries.get_people(wallet.account, names=data["members"])
        paid = checkout_operations.pay_for_members(
            wallet=wallet,
            item_key=data["item_key"],
            tokens=data["tokens"],
            user_ids=[person.learner.pk for person in people if person.learner],
            **self.once.arguments,
        )
        by_learner = {result.learner.pk: result for result in paid}
        ids = [result.redemption.pk for result in paid if result.redemption]
        redemptions = models.Redemption.objects.select_related(*RELATED).in_bulk(ids)
        results = []
        for person in people:
            result = by_learner.get(person.learner.pk) if person.learner else None
            redemption = (
                redemptions.get(result.redemption.pk) if result and result.redemption else None
            )
            reason = person.reason or (result.reason if result else "not_a_member")
            results.append(
                {
                    "member": person.entered,
                    "redemption": redemption,
                    "reason": "" if redemption else reason,
                }
            )
        return Response(MembersResultSerializer({"results": results}).data)

    @writes(BulkInput, JobSerializer, status=ACCEPTED, detail=False)
    def bulk(self, request: Request) -> Response:
        """Have up to 5,000 members of an account paid for, each by itself, by a job."""
        data = self.read(BulkInput)
        job = bulk_operations.start_redeeming(
            wallet=self._get_wallet(data["wallet"]),
            item_key=data["item_key"],
            tokens=data["tokens"],
            names=data["members"],
            **self.once.arguments,
        )
        return accept(job)

    @writes(ReverseInput, RedemptionSerializer, detail=True, atomic=False)
    def reverse(self, request: Request, uuid: Any) -> Response:
        """Undo a payment: tokens go back to their issues, or the code is given back."""
        redemption = self.get_row(uuid)
        self.require("change_redemption")
        data = self.read(ReverseInput)
        done = checkout_operations.reverse(
            redemption.pk, actor=get_user(request), now=self.once.now, **data
        )
        return self.answer(_read(done))

    def _get_wallet(self, wallet_id: int) -> models.Wallet:
        """A wallet that the user may pay from: of an account of one's own, or any for programs."""
        wallets = models.Wallet.objects.select_related("account")
        if not self.may("add_redemption"):
            wallets = wallets.filter(account__in=wallet_queries.list_accounts(self.user))
        wallet: models.Wallet | None = wallets.filter(pk=wallet_id).first()
        if wallet is None:
            raise serializers.ValidationError({"wallet": [_("There is no such one.")]})
        return wallet

    def _redeem(
        self, learner: Any, item_key: str, method: str, reference: dict[str, str]
    ) -> models.Redemption:
        return checkout_operations.redeem(
            learner=learner,
            item_key=item_key,
            method=method,
            reference=reference,
            **self.once.arguments,
        )


def _read(redemption: models.Redemption) -> models.Redemption:
    """With all that is shown of it."""
    return models.Redemption.objects.select_related(*RELATED).get(pk=redemption.pk)
