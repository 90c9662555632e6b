"""Webhook endpoints, and what was sent to them: for managers of an account, and for the site."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from token_payments import models
from token_payments.hosts.people import get_user
from token_payments.rest_api.v1.base import MAX_ID, ApiViewSet, Input, read_version
from token_payments.rest_api.v1.fields import InstantField
from token_payments.rest_api.v1.filters import IdFilter
from token_payments.rest_api.v1.idempotency import show_once
from token_payments.rest_api.v1.schema import reads, writes
from token_payments.throttling import Limit
from token_payments.wallets import queries as wallet_queries
from token_payments.webhooks import operations as webhook_operations
from token_payments.webhooks import queries as webhook_queries

MAX_DESCRIPTION = 200
SEEING = ("view_webhookendpoint", "change_webhookendpoint")
CHANGING = "change_webhookendpoint"


class EndpointSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    account = serializers.IntegerField(
        source="account_id", allow_null=True, help_text="Whose events are sent; null: everybody's."
    )
    url = serializers.CharField()
    description = serializers.CharField()
    event_types = serializers.ListField(
        child=serializers.CharField(), help_text="What is sent; empty: everything."
    )
    is_active = serializers.BooleanField()
    off_reason = serializers.ChoiceField(
        choices=models.OffReason.choices,
        allow_blank=True,
        help_text="Why the plugin switched it off; empty where a person did.",
    )
    failing_since = InstantField(allow_null=True)
    previous_secret_until = InstantField(
        source="previous_until",
        allow_null=True,
        help_text="Until then the secret before signs as well.",
    )
    created_at = InstantField()


class SecretSerializer(EndpointSerializer):
    secret = serializers.CharField(
        allow_null=True,
        help_text="Shown this once: null when the request is repeated with its key.",
    )


class EndpointFields(Input):
    url = serializers.CharField(max_length=models.MAX_URL)
    description = serializers.CharField(
        max_length=MAX_DESCRIPTION, allow_blank=True, required=False
    )
    event_types = serializers.ListField(
        child=serializers.CharField(max_length=100), max_length=100, required=False
    )
    is_active = serializers.BooleanField(required=False)

    def validate_event_types(self, names: list[str]) -> list[str]:
        if set(names) - set(webhook_queries.list_event_types()):
            raise serializers.ValidationError([_("There is no such event.")])
        return list(dict.fromkeys(names))


class EndpointInput(EndpointFields):
    account = serializers.IntegerField(
        min_value=1, max_value=MAX_ID, allow_null=True, required=False, help_text="Null: the site."
    )


class DeliverySerializer(serializers.Serializer):
    id = serializers.IntegerField()
    event_id = serializers.SerializerMethodField(
        help_text="The `webhook-id` that the receiver gets; the same each time."
    )
    event_type = serializers.CharField(source="event.type")
    happened_at = InstantField(source="event.created_at")
    state = serializers.ChoiceField(choices=models.DeliveryState.choices)
    attempts = serializers.IntegerField()
    last_attempt_at = InstantField(source="last_at", allow_null=True)
    next_attempt_at = InstantField(source="next_at", allow_null=True)
    status = serializers.IntegerField(allow_null=True, help_text="HTTP's, of the last attempt.")
    problem = serializers.ChoiceField(choices=models.DeliveryProblem.choices, allow_blank=True)
    response = serializers.CharField(help_text="The beginning of what the receiver said.")
    body = serializers.CharField(source="event.body", help_text="What is sent, to the letter.")

    def get_event_id(self, delivery: models.WebhookDelivery) -> str:
        return f"evt_{delivery.event.uuid.hex}"


class SinceInput(Input):
    since = InstantField(help_text="Of what happened since then.")


class CountSerializer(serializers.Serializer):
    count = serializers.IntegerField()


class EndpointFilterSet(filters.FilterSet):
    account = IdFilter()
    is_active = filters.BooleanFilter()


class DeliveryFilter(filters.FilterSet):
    state = filters.ChoiceFilter(choices=models.DeliveryState.choices)
    event_type = filters.CharFilter(field_name="event__type")


class EndpointAccess:
    """Which endpoints are whose."""

    def visible_endpoints(self: Any) -> QuerySet[models.WebhookEndpoint]:
        if self.may(*SEEING):
            return models.WebhookEndpoint.objects.all()
        return webhook_queries.list_endpoints_of(self.request.user)

    def require_changer(
        self: Any, endpoint: models.WebhookEndpoint, permission: str = CHANGING
    ) -> None:
        """For whoever has the permission, and the account's managers. Raises PermissionDenied."""
        if not self.may(permission) and not self.manages(endpoint.account_id):
            raise PermissionDenied


class WebhookEndpoints(EndpointAccess, ApiViewSet):
    queryset = models.WebhookEndpoint.objects.all()
    serializer_class = EndpointSerializer
    filterset_class = EndpointFilterSet
    ordering = ("id",)
    limits = {"test": Limit.WEBHOOK_TESTS}

    def visible(self) -> QuerySet[models.WebhookEndpoint]:
        return self.visible_endpoints()

    @reads()
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every endpoint, or those of the accounts that one manages."""
        return self.list_page(self.visible())

    @reads(EndpointSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One endpoint; its ETag is what a change names."""
        return self.answer(self.get_row(pk))

    @writes(EndpointInput, SecretSerializer, status=201)
    def create(self, request: Request) -> Response:
        """Add an endpoint of an account, or of the site. Its secret is in this answer alone."""
        data = self.read(EndpointInput)
        account_id = data.pop("account", None)
        self._check_may_add(account_id)
        endpoint = webhook_operations.add_endpoint(
            account_id=account_id, actor=get_user(request), now=self.once.now, **data
        )
        return self._add_secret(self.answer_new(endpoint), endpoint)

    @writes(EndpointFields(partial=True), EndpointSerializer, versioned=True)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change some fields. Switched on again, it is sent what waits."""
        endpoint = self._find(pk)
        version = read_version(request)
        changes = self.read(EndpointFields, partial=True)
        endpoint = webhook_operations.change_endpoint(
            endpoint.pk, changes, actor=get_user(request), version=version
        )
        return self.answer(endpoint)

    @writes(gives=None, status=204)
    def destroy(self, request: Request, pk: int) -> Response:
        """Remove an endpoint with its deliveries."""
        endpoint = self._find(pk, "delete_webhookendpoint")
        webhook_operations.remove_endpoint(endpoint.pk, actor=get_user(request))
        return Response(status=204)

    @writes(gives=SecretSerializer, detail=True)
    def rotate_secret(self, request: Request, pk: int) -> Response:
        """Give it a new secret, in this answer alone. For 24 hours the one before signs as well."""
        endpoint = webhook_operations.rotate_secret(
            self._find(pk).pk, actor=get_user(request), now=self.once.now
        )
        return self._add_secret(self.answer(endpoint), endpoint)

    @writes(gives=DeliverySerializer, status=201, detail=True)
    def test(self, request: Request, pk: int) -> Response:
        """Send a test event, switched on or not; what came of it is in the delivery."""
        delivery = webhook_operations.send_test(self._find(pk).pk, now=self.once.now)
        return Response(DeliverySerializer(delivery).data, status=201)

    @writes(SinceInput, CountSerializer, detail=True)
    def redeliver_failed(self, request: Request, pk: int) -> Response:
        """Send everything again that failed for good, of what happened since then."""
        endpoint = self._find(pk)
        since = self.read(SinceInput)["since"]
        count = webhook_operations.redeliver_failed(endpoint.pk, since=since, now=self.once.now)
        return Response({"count": count})

    def _find(self, pk: int, permission: str = CHANGING) -> models.WebhookEndpoint:
        """An endpoint that the user may change. Raises Http404, PermissionDenied."""
        endpoint: models.WebhookEndpoint = self.get_row(pk)
        self.require_changer(endpoint, permission)
        return endpoint

    def _check_may_add(self, account_id: int | None) -> None:
        """Raises PermissionDenied, and ValidationError for an account that there isn't for them."""
        if account_id is None:
            self.require("add_webhookendpoint")
            return
        user = self.user
        is_staff = self.may("add_webhookendpoint")
        known = models.Account.objects.all() if is_staff else wallet_queries.list_accounts(user)
        if not known.filter(pk=account_id).exists():
            raise serializers.ValidationError({"account": [_("There is no such account.")]})
        managed = wallet_queries.list_accounts(user, role=models.AccountRole.MANAGER)
        if not is_staff and not managed.filter(pk=account_id).exists():
            raise PermissionDenied

    def compute_version(self, row: models.WebhookEndpoint) -> str:
        return webhook_queries.compute_endpoint_version(row)

    def _add_secret(self, response: Response, endpoint: models.WebhookEndpoint) -> Response:
        response.data["secret"] = webhook_queries.derive_secret(endpoint)
        return show_once(response, "secret")


class WebhookDeliveries(EndpointAccess, ApiViewSet):
    """What was sent to an endpoint, or waits."""

    queryset = models.WebhookDelivery.objects.all()
    serializer_class = DeliverySerializer
    filterset_class = DeliveryFilter
    ordering = ("-id",)

    def visible(self) -> QuerySet[models.WebhookDelivery]:
        deliveries = models.WebhookDelivery.objects.filter(endpoint=self._get_endpoint())
        return deliveries.select_related("event")

    @reads()
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The endpoint's deliveries, the newest first."""
        return self.list_page(self.visible())

    @reads(DeliverySerializer)
    def retrieve(self, request: Request, endpoint_id: int, pk: int) -> Response:
        """One delivery, with what came of its last attempt."""
        return self.answer(self.get_row(pk))

    @writes(gives=DeliverySerializer, detail=True)
    def redeliver(self, request: Request, endpoint_id: int, pk: int) -> Response:
        """Send it again now, under the same id; one that is being sent is left alone."""
        endpoint = self._get_endpoint()
        delivery = self.get_row(pk)
        self.require_changer(endpoint)
        webhook_operations.redeliver(delivery.pk, now=self.once.now)
        return self.answer(self.get_row(pk))

    def _get_endpoint(self) -> models.WebhookEndpoint:
        found: models.WebhookEndpoint = self.find(
            self.visible_endpoints(), self.kwargs["endpoint_id"]
        )
        return found
