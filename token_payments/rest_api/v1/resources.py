"""The API's resources and their addresses: what programs call, and what is described."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path
from rest_framework.routers import SimpleRouter

from token_payments.rest_api.v1.accounts import Accounts, Members
from token_payments.rest_api.v1.cancellation_requests import CancellationRequests
from token_payments.rest_api.v1.catalogue import CatalogueItems
from token_payments.rest_api.v1.codes import Assignments, Codes
from token_payments.rest_api.v1.events import Events
from token_payments.rest_api.v1.issues import Issues
from token_payments.rest_api.v1.jobs import JobRows, Jobs
from token_payments.rest_api.v1.orders import Orders
from token_payments.rest_api.v1.quotes import CodeChecks, Quotes
from token_payments.rest_api.v1.redemptions import Redemptions
from token_payments.rest_api.v1.settings import Settings
from token_payments.rest_api.v1.token_types import TokenTypes
from token_payments.rest_api.v1.wallets import Statement, Wallets
from token_payments.rest_api.v1.webhooks import WebhookDeliveries, WebhookEndpoints

RESOURCES = (
    ("token-types", TokenTypes, "token-type"),
    ("accounts", Accounts, "account"),
    ("accounts/<int:account_id>/members", Members, "member"),
    ("wallets", Wallets, "wallet"),
    ("wallets/<int:wallet_id>/statement", Statement, "statement"),
    ("issues", Issues, "issue"),
    ("catalogue-items", CatalogueItems, "catalogue-item"),
    ("orders", Orders, "order"),
    ("orders/<int:order_id>/codes", Codes, "code"),
    ("orders/<int:order_id>/assignments", Assignments, "assignment"),
    ("orders/<int:order_id>/cancellation-requests", CancellationRequests, "cancellation-request"),
    ("codes", CodeChecks, "code-check"),
    ("redemptions", Redemptions, "redemption"),
    ("jobs", Jobs, "job"),
    ("jobs/<uuid:job_id>/rows", JobRows, "job-row"),
    ("webhook-endpoints", WebhookEndpoints, "webhook-endpoint"),
    ("webhook-endpoints/<int:endpoint_id>/deliveries", WebhookDeliveries, "webhook-delivery"),
)
#: What isn't a list of rows.
SINGLE = (
    ("quotes/", Quotes, "quote"),
    ("settings/", Settings, "settings"),
    ("events/", Events, "events"),
)


def make_patterns() -> list[URLPattern | URLResolver]:
    router = SimpleRouter(use_regex_path=False)
    for prefix, viewset, name in RESOURCES:
        router.register(prefix, viewset, basename=name)
    single = [
        path(address, viewset.as_view({"get": "show"}), name=name)
        for address, viewset, name in SINGLE
    ]
    return [*router.urls, *single]
