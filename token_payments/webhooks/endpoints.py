"""Adding, changing and removing endpoints, their secrets, and sending again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from openedx_events.tooling import OpenEdxPublicSignal

from token_payments import events
from token_payments.db.changes import check_version, compute_version, set_change_author
from token_payments.errors import TooManyEndpoints
from token_payments.hosts.base import User
from token_payments.orders.codes import current_key_name
from token_payments.outbox.steps import Step, announce
from token_payments.wallets.accounts import list_managers
from token_payments.wallets.models import AccountRole
from token_payments.webhooks.addresses import read_url
from token_payments.webhooks.delivery import DELIVERY
from token_payments.webhooks.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from token_payments.webhooks.recording import TEST_TYPE, forget_audience, write_test

MAX_ENDPOINTS = 10  # of an account, and of the site
OVERLAP = timedelta(hours=24)  # in which the secret before signs as well
#: Fields that the plugin writes; they aren't edited.
_STATE = ("off_reason", "failing_since", "busy_until", "served_at")


def list_event_types() -> list[str]:
    """The types of all events, as webhooks and event buses name them, in the order of events.py."""
    signals = [one for one in vars(events).values() if isinstance(one, OpenEdxPublicSignal)]
    return [signal.event_type for signal in signals]


def compute_endpoint_version(endpoint: WebhookEndpoint) -> str:
    """The version that a change names: another one after each change by a person."""
    return compute_version(endpoint, left_out=_STATE)


def check_url(url: str) -> None:
    """Raises EndpointRefused for an address that can't be meant, or isn't allowed."""
    read_url(url)


def add_endpoint(
    *,
    url: str,
    account_id: int | None,
    actor: User,
    now: datetime,
    description: str = "",
    event_types: Sequence[str] = (),
    is_active: bool = True,
) -> WebhookEndpoint:
    """Raises EndpointRefused, TooManyEndpoints, and ConfigurationError without a key for secrets.

    ValueError for a type that there isn't.
    """
    check_url(url)
    _check_types(event_types)
    with transaction.atomic():
        if WebhookEndpoint.objects.filter(account=account_id).count() >= MAX_ENDPOINTS:
            raise TooManyEndpoints(limit=MAX_ENDPOINTS)
        endpoint = WebhookEndpoint(
            account_id=account_id,
            url=url,
            description=description,
            event_types=list(event_types),
            is_active=is_active,
            secret_key=current_key_name(),
            created_by=actor,
            created_at=now,
        )
        return _save(endpoint, actor)


def change_endpoint(
    endpoint_id: int, changes: Mapping[str, Any], *, actor: User, version: str | None = None
) -> WebhookEndpoint:
    """Set url, description, event_types or is_active.

    Switched on again it begins anew: what waits is sent, and it counts as failing no more. Raises
    EndpointRefused, and VersionConflict when it isn't the ``version`` any more that was read.
    """
    if "url" in changes:
        check_url(changes["url"])
    _check_types(changes.get("event_types", ()))
    with transaction.atomic():
        endpoint = _lock(endpoint_id)
        check_version(version, compute_endpoint_version(endpoint))
        if changes.get("is_active", endpoint.is_active) != endpoint.is_active:
            endpoint.off_reason, endpoint.failing_since = "", None
        for name, value in changes.items():
            setattr(endpoint, name, value)
        return _save(endpoint, actor)


def remove_endpoint(endpoint_id: int, *, actor: User) -> None:
    """With its deliveries; its history stays."""
    with transaction.atomic():
        endpoint = _lock(endpoint_id)
        set_change_author(endpoint, actor)
        endpoint.delete()
        forget_audience()


def rotate_secret(
    endpoint_id: int, *, actor: User, now: datetime, serial: int | None = None
) -> WebhookEndpoint:
    """Give it a new secret; for OVERLAP the one before it signs as well, and no other one.

    ``serial`` is that of the secret to replace: what was asked for twice is done once. Raises
    ConfigurationError without a key for secrets.
    """
    with transaction.atomic():
        endpoint = _lock(endpoint_id)
        if serial is not None and serial != endpoint.secret_serial:
            return endpoint
        endpoint.previous_key, endpoint.previous_until = endpoint.secret_key, now + OVERLAP
        endpoint.secret_key = current_key_name()
        endpoint.secret_serial += 1
        return _save(endpoint, actor)


def send_test(endpoint_id: int, *, now: datetime) -> WebhookDelivery:
    """Write a test event down for the endpoint, switched on or not; it is tried once."""
    with transaction.atomic():
        delivery = write_test(_lock(endpoint_id), now=now)
        announce(Step.WEBHOOKS_DUE, endpoint_id)
    return delivery


def redeliver(delivery_id: int, *, now: datetime) -> bool:
    """Have a delivery sent again now, under the same id; False while a worker is at it."""
    return bool(_send_again(WebhookDelivery.objects.filter(pk=delivery_id), now=now))


def redeliver_all(delivery_ids: Collection[int], *, now: datetime) -> int:
    """The same of several deliveries; returns how many no worker was at."""
    return _send_again(WebhookDelivery.objects.filter(pk__in=delivery_ids), now=now)


def redeliver_failed(endpoint_id: int, *, since: datetime, now: datetime) -> int:
    """All of an endpoint's that failed for good, of what happened since; returns how many."""
    failed = WebhookDelivery.objects.filter(
        endpoint=endpoint_id, state=DeliveryState.FAILED, event__created_at__gte=since
    ).exclude(event__type=TEST_TYPE)
    return _send_again(failed, now=now)


def _send_again(deliveries: QuerySet[WebhookDelivery], *, now: datetime) -> int:
    """As new ones: they are tried for days again."""
    idle = DELIVERY.is_free(now)
    ids = list(deliveries.filter(idle).order_by().values_list("pk", flat=True))
    rows = WebhookDelivery.objects.filter(idle, pk__in=ids)
    with transaction.atomic():
        sent = rows.update(state=DeliveryState.WAITING, attempts=0, next_at=now, claimed_until=None)
        announce(Step.WEBHOOKS_DUE, None)
    return sent


def _check_types(names: Sequence[str]) -> None:
    unknown = set(names) - set(list_event_types())
    if unknown:
        raise ValueError(f"there are no events {sorted(unknown)}")


def _lock(endpoint_id: int) -> WebhookEndpoint:
    """Raises WebhookEndpoint.DoesNotExist."""
    return WebhookEndpoint.objects.select_for_update().get(pk=endpoint_id)


def _save(endpoint: WebhookEndpoint, actor: User) -> WebhookEndpoint:
    set_change_author(endpoint, actor)
    endpoint.save()
    forget_audience()
    endpoint.refresh_from_db()  # as the database writes it, which its version is made of
    return endpoint


def list_endpoints_of(user: User) -> QuerySet[WebhookEndpoint]:
    """Those of the accounts that the user manages."""
    return WebhookEndpoint.objects.filter(
        account__members__user=user, account__members__role=AccountRole.MANAGER
    )


def list_owners(endpoint: WebhookEndpoint) -> list[User]:
    """The people to tell: the account's managers; for the site's endpoint who added it."""
    if endpoint.account_id is not None:
        return list_managers([endpoint.account_id])[endpoint.account_id]
    owner = endpoint.created_by
    return [owner] if owner is not None and owner.is_active and owner.email else []
