"""The page that says why something was refused, and what to do next."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from token_payments import conf
from token_payments.attempts import TooManyAttempts
from token_payments.errors import (
    ConfigurationError,
    ItemNotFound,
    PaymentRefused,
    TokenPaymentsError,
)
from token_payments.hosts import get_host
from token_payments.hosts.base import HostItem
from token_payments.models import Redemption
from token_payments.portal.formats import write_time
from token_payments.portal.messages import REFUSALS, Message, NextStep, find_message
from token_payments.portal.pages import render_page

# "no-referrer" would be stricter, but makes browsers send "Origin: null" with our own forms, which
# Django's CSRF check refuses. To other sites this sends as little.
REFERRER_POLICY = "same-origin"

log = logging.getLogger(__name__)

View = Callable[..., HttpResponse]


def portal_page(view: View) -> View:
    """A page of the plugin: 404 while it is off, never stored, refusals answered in words.

    It is asked for or sent to, unless the view allows less. Reports of errors have no variables of
    it: whatever is called may hold a code.
    """
    answer = require_http_methods(["GET", "HEAD", "POST"])(view)

    @never_cache
    @sensitive_post_parameters()
    @sensitive_variables()
    @wraps(view)
    def page(request: HttpRequest, **arguments: Any) -> HttpResponse:
        item_key = arguments.get("item_key", "")
        if not conf.is_enabled() or not item_key.isprintable():
            raise Http404
        try:
            response = answer(request, **arguments)
        except (PaymentRefused, ItemNotFound, TooManyAttempts) as error:
            response = respond(request, item_key, error)
        except ConfigurationError as error:
            log.exception("a page of the checkout can't be shown")
            response = respond(request, item_key, error)
        response.headers["Referrer-Policy"] = REFERRER_POLICY
        return response

    return page


def respond(request: HttpRequest, item_key: str, error: TokenPaymentsError) -> HttpResponse:
    """The refusal as a page; 404 for a course that the host doesn't have."""
    try:
        host_item = get_host().get_item(item_key)
    except ItemNotFound as missing:
        return _render(request, find_message(missing), item_key, None)
    if not isinstance(error, TooManyAttempts):
        return _render(request, find_message(error), item_key, host_item)
    response = _render(
        request, find_message(error), item_key, host_item, advice=_say_when(error.wait)
    )
    response.headers["Retry-After"] = str(error.wait)
    return response


def _say_when(wait: int) -> str:
    # a minute that has begun is waited out, so that the time shown is never too early
    minutes = math.ceil(wait / 60)
    at = timezone.now() + timedelta(seconds=wait + 59)
    advice = str(REFUSALS["too_many_attempts"].advice)
    return advice % {"time": write_time(at), "minutes": minutes}


def _render(
    request: HttpRequest,
    message: Message,
    item_key: str,
    host_item: HostItem | None,
    *,
    advice: str = "",
) -> HttpResponse:
    return render_page(
        request,
        "checkout/refusal.html",
        status=message.status,
        message=message,
        advice=advice or message.advice,
        next_step=message.next_step,
        item_key=item_key,
        host_item=host_item,
        redemption=_find_redemption(request, item_key, message),
    )


def _find_redemption(request: HttpRequest, item_key: str, message: Message) -> Redemption | None:
    """What the learner is enrolled with, so that the page can link to its receipt."""
    if message.next_step != NextStep.COURSE:
        return None
    live = Redemption.objects.filter(learner_id=request.user.pk, item__item_key=item_key, live=True)
    return live.first()
