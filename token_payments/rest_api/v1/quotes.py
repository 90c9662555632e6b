"""Questions before paying: what a course would cost a learner, and whether a code would do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from token_payments.catalogue import queries as catalogue_queries
from token_payments.checkout import queries as checkout_queries
from token_payments.errors import CodeNotRedeemable, PaymentRefused
from token_payments.hosts.people import get_user
from token_payments.models import TOKEN_CODE_METHOD, Account, Redemption, TokenCode
from token_payments.rest_api.problems import describe_problem
from token_payments.rest_api.v1.base import ApiViewSet, Input
from token_payments.rest_api.v1.fields import IdField, InstantField, MoneyField
from token_payments.rest_api.v1.schema import reads, writes
from token_payments.throttling import Limit, guard_attempt


class QuoteQuery(serializers.Serializer):
    item_key = serializers.CharField(max_length=255)
    learner = serializers.CharField(max_length=150, required=False)
    account = IdField(required=False)


class DrawSerializer(serializers.Serializer):
    issue = serializers.IntegerField(source="issue.pk")
    amount = serializers.IntegerField()
    expires_at = InstantField(source="issue.expires_at", allow_null=True)


class OptionSerializer(serializers.Serializer):
    """An account's tokens of one type: `obstacle` is why they can't pay, frozen or short."""

    account = serializers.IntegerField(source="account.pk")
    token_type = serializers.IntegerField(source="token_type.pk")
    wallet = serializers.IntegerField(source="wallet_id", allow_null=True)
    tokens = serializers.IntegerField(help_text="What the course costs in this type.")
    available = serializers.IntegerField()
    can_pay = serializers.BooleanField()
    obstacle = serializers.CharField()
    draws = DrawSerializer(many=True, help_text="Which issues would pay, the first ones first.")


class PriceSerializer(serializers.Serializer):
    amount = MoneyField()
    currency = serializers.CharField()


class QuoteSerializer(serializers.Serializer):
    """What it would cost this learner: `obstacle` is why nothing can be paid, empty for nothing."""

    item_key = serializers.CharField(source="offer.item.item_key")
    title = serializers.CharField(source="offer.host_item.title")
    learner = serializers.CharField()
    mode = serializers.CharField(source="offer.mode")
    price = PriceSerializer(source="offer.price", allow_null=True)
    payment_methods = serializers.SerializerMethodField()
    seats_left = serializers.IntegerField(allow_null=True)
    obstacle = serializers.CharField()
    wallets = OptionSerializer(many=True)

    def get_payment_methods(self, quote: dict[str, Any]) -> list[str]:
        return sorted(quote["offer"].methods)


class CheckInput(Input):
    code = serializers.CharField(max_length=80)
    item_key = serializers.CharField(max_length=255)
    learner = serializers.CharField(max_length=150, required=False)


class CheckSerializer(serializers.Serializer):
    """Whether the code would pay now; if not, `code` and `reason` as a redemption would have."""

    is_redeemable = serializers.BooleanField()
    code = serializers.CharField()
    reason = serializers.CharField()
    title = serializers.CharField()


class Quotes(ApiViewSet):
    queryset = Redemption.objects.none()
    serializer_class = QuoteSerializer
    pagination_class = None

    @reads(
        QuoteSerializer,
        filters=False,
        parameters=[
            OpenApiParameter("item_key", str, required=True),
            OpenApiParameter("learner", str, description="A user name; left out: oneself."),
            OpenApiParameter(
                "account", int, description="From its wallets only; managers name theirs."
            ),
        ],
    )
    def show(self, request: Request) -> Response:
        """What a course would cost this learner, and which wallets could pay; takes nothing."""
        query = QuoteQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        accounts = Account.objects.filter(pk=asked.get("account", 0))
        account = accounts.first()
        learner = self.get_learner(asked.get("learner"), account=account)
        offer = catalogue_queries.get_offer(asked["item_key"])
        options: Iterable[checkout_queries.WalletOption] = checkout_queries.list_wallet_options(
            offer, learner, timezone.now()
        )
        if "account" in asked:
            options = [each for each in options if each.account.pk == asked["account"]]
        obstacle = ""
        try:
            checkout_queries.check_learner(offer, learner)
        except PaymentRefused as error:
            obstacle = error.reason
        return self.answer(
            {
                "offer": offer,
                "learner": learner.get_username(),
                "seats_left": checkout_queries.count_seats_left(offer),
                "obstacle": obstacle,
                "wallets": options,
            }
        )


class CodeChecks(ApiViewSet):
    queryset = TokenCode.objects.none()
    serializer_class = CheckSerializer
    limits = {"check": Limit.API_CHECKS}

    @writes(CheckInput, CheckSerializer, keyed=False, detail=False)
    def check(self, request: Request) -> Response:
        """Whether a code would pay for a course, without using it.

        Refused codes are counted with those of the checkout: after too many nobody is told more.
        """
        data = self.read(CheckInput)
        learner = self.get_learner(data.get("learner"))
        try:
            reference = checkout_queries.refer_to_text(data["code"])
            with guard_attempt(request, TOKEN_CODE_METHOD):
                checkout_queries.review(
                    learner=learner,
                    item_key=data["item_key"],
                    method=TOKEN_CODE_METHOD,
                    reference=reference,
                    now=timezone.now(),
                    actor=get_user(request),
                )
        except PaymentRefused as error:
            return self.answer({"is_redeemable": False, **self._explain(error)})
        return self.answer({"is_redeemable": True, "code": "", "reason": "", "title": ""})

    def _explain(self, error: PaymentRefused) -> dict[str, Any]:
        may_know = not isinstance(error, CodeNotRedeemable) or checkout_queries.may_know_reason(
            self.request.user, error.order_id, holder=error.holder
        )
        problem = describe_problem(error, may_know=may_know)
        return {name: problem[name] for name in ("code", "reason", "title")}
