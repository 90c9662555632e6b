"""The page that says why something was refused, and what to do next."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from token_payments import conf, errors
from token_payments.hosts import host
from token_payments.hosts.base import HostItem
from token_payments.models import Redemption
from token_payments.portal.formats import write_time
from token_payments.portal.pages import render_page
from token_payments.presenters.refusals import Audience, NextStep, Refusal, describe_refusal
from token_payments.throttling import Limit, check

# "no-referrer" would be stricter, but makes browsers send "Origin: null" with our own forms, which
# Django's CSRF check refuses. To other sites this sends as little.
REFERRER_POLICY = "same-origin"

log = logging.getLogger(__name__)

View = Callable[..., HttpResponse]


def portal_page(view: View) -> View:
    """A page of the plugin: 404 while it is off, never stored, refusals answered in words.

    It is asked for or sent to, unless the view allows less.
    """
    answer = require_http_methods(["GET", "HEAD", "POST"])(view)

    @never_cache
    @wraps(view)
    def page(request: HttpRequest, **arguments: Any) -> HttpResponse:
        item_key = arguments.get("item_key", "")
        if not conf.is_enabled() or not item_key.isprintable():
            raise Http404
        try:
            response = answer(request, **arguments)
        except (errors.PaymentRefused, errors.ItemNotFound, errors.TooManyAttempts) as error:
            response = respond(request, item_key, error)
        except errors.ConfigurationError as error:
            log.exception("a page of the checkout can't be shown")
            response = respond(request, item_key, error)
        response.headers["Referrer-Policy"] = REFERRER_POLICY
        return response

    return page


def respond(request: HttpRequest, item_key: str, error: errors.TokenPaymentsError) -> HttpResponse:
    """The refusal as a page; 404 for a course that the host doesn't have."""
    try:
        host_item = host.get_item(item_key)
    except errors.ItemNotFound as missing:
        told = describe_refusal(missing, audience=Audience.LEARNER)
        return _render(request, told, item_key, None)
    if not isinstance(error, errors.TooManyAttempts):
        told = describe_refusal(error, audience=Audience.LEARNER)
        return _render(request, told, item_key, host_item)
    # a minute that has begun is waited out, so that the time shown is never too early
    at = timezone.now() + timedelta(seconds=error.wait + 59)
    told = describe_refusal(error, audience=Audience.LEARNER, time=write_time(at))
    response = _render(request, told, item_key, host_item)
    response.headers["Retry-After"] = str(error.wait)
    return response


def explain_wait(request: HttpRequest, *limits: Limit) -> str:
    """The text for a visitor who did something too often; empty for one who may go on."""
    try:
        check(request, *limits)
    except (errors.DoneTooOften, errors.TooManyAttempts, errors.TooManyMisses) as error:
        told = describe_refusal(errors.DoneTooOften(wait=error.wait), audience=Audience.CUSTOMER)
        return told.text
    return ""


def _render(
    request: HttpRequest, told: Refusal, item_key: str, host_item: HostItem | None
) -> HttpResponse:
    return render_page(
        request,
        "checkout/refusal.html",
        status=told.status,
        message=told,
        item_key=item_key,
        host_item=host_item,
        redemption=_find_redemption(request, item_key, told),
    )


def _find_redemption(request: HttpRequest, item_key: str, told: Refusal) -> Redemption | None:
    """The payment that the learner is enrolled with, so that the page can link to its receipt."""
    if told.next_step != NextStep.COURSE:
        return None
    live = Redemption.objects.filter(learner_id=request.user.pk, item__item_key=item_key, live=True)
    return live.first()
