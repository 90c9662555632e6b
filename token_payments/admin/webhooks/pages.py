"""Rotating an endpoint's secret, sending it a test, and the page that shows a secret once."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from token_payments.admin.pages import go_to, render_page
from token_payments.admin.wallets.texts import write_time
from token_payments.db.numbers import read_number
from token_payments.errors import ConfigurationError
from token_payments.models import WebhookEndpoint
from token_payments.presenters.refusals import Audience, describe_refusal
from token_payments.webhooks import operations as webhook_operations
from token_payments.webhooks import queries as webhook_queries

log = logging.getLogger(__name__)


def rotate_secret(
    model_admin: Any, request: HttpRequest, endpoint: WebhookEndpoint
) -> HttpResponse:
    """Ask; then give it a new secret, once however often it is sent, and show that."""
    if request.method == "POST":
        by: dict[str, Any] = {"actor": request.user, "now": timezone.now()}
        serial = read_number(request.POST.get("serial", ""))
        try:
            fresh = webhook_operations.rotate_secret(endpoint.pk, serial=serial, **by)
        except ConfigurationError as error:
            messages.error(request, explain_no_key(error))
            return go_to(endpoint)
        return show_secret(model_admin, request, fresh)
    return _ask(model_admin, request, endpoint, "rotate_secret")


def send_test(model_admin: Any, request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
    """Ask; then have a test event sent, and lead to the deliveries."""
    if request.method == "POST":
        webhook_operations.send_test(endpoint.pk, now=timezone.now())
        text = gettext("A test event is on its way. What came of it stands here in a moment.")
        messages.success(request, text)
        return HttpResponseRedirect(list_url(endpoint))
    return _ask(model_admin, request, endpoint, "send_test")


def show_secret(model_admin: Any, request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
    """The secret, in the answer to the request that made it alone."""
    log.info("user %s is shown the secret of webhook endpoint %s", request.user.pk, endpoint.pk)
    until = endpoint.previous_until
    answer = render_page(
        model_admin,
        request,
        "secret",
        folder="webhooks",
        title=gettext("The secret of this webhook"),
        original=endpoint,
        secret=webhook_queries.derive_secret(endpoint),
        until="" if until is None else write_time(until),
    )
    answer["Cache-Control"] = "no-store"
    return answer


def explain_no_key(error: ConfigurationError) -> str:
    return describe_refusal(error, audience=Audience.STAFF, about="webhook").text


def list_url(endpoint: WebhookEndpoint) -> str:
    """The deliveries of one endpoint."""
    address = reverse("admin:token_payments_webhookdelivery_changelist")
    return f"{address}?endpoint__id__exact={endpoint.pk}"


def _ask(
    model_admin: Any, request: HttpRequest, endpoint: WebhookEndpoint, template: str
) -> HttpResponse:
    return render_page(
        model_admin,
        request,
        template,
        folder="webhooks",
        title=str(endpoint),
        original=endpoint,
    )
