"""Which endpoints and deliveries somebody may see, and who is told of an endpoint."""

from __future__ import annotations

from django.db.models import QuerySet

from token_payments.hosts.base import User
from token_payments.wallets.accounts import list_managers
from token_payments.wallets.models import AccountRole
from token_payments.webhooks.models import WebhookEndpoint


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
