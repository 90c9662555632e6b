"""All tokens of an order as a file, and the available ones by e-mail to whoever asks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext

from token_payments.assignments import queries as assignment_queries
from token_payments.errors import ConfigurationError
from token_payments.hosts.people import get_user
from token_payments.models import OrderStatus, TokenOrder
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries
from token_payments.outbox import notices
from token_payments.portal.order_page.access import Access, codes_page
from token_payments.portal.order_page.code_pages import PROBLEMS, refuse_tokens, tokens_url
from token_payments.portal.pages import go_and_tell
from token_payments.portal.refusals import explain_wait
from token_payments.presenters.code_csv import write_code_list
from token_payments.presenters.csv_files import send_csv_file
from token_payments.presenters.once import OnceForm
from token_payments.throttling import Limit, count


@codes_page
def download_tokens(request: HttpRequest, access: Access) -> HttpResponse:
    """All tokens of the order as CSV, once it is logged. By POST only."""
    order = access.order
    if request.method != "POST" or not order.code_key:  # without a key none was made yet
        return redirect(tokens_url(order))
    try:
        codes = order_operations.hand_out_codes(order, actor=get_user(request), now=timezone.now())
    except ConfigurationError:
        return _refuse_without_key(request, access)
    return send_csv_file(write_code_list(order, codes), order.number)


@codes_page
def mail_tokens(request: HttpRequest, access: Access) -> HttpResponse:
    """Have the tokens that nobody has yet e-mailed to the visitor; a form sent twice mails once."""
    order, now = access.order, timezone.now()
    address = tokens_url(order)
    if request.method != "POST":
        return redirect(address)
    email = str(getattr(request.user, "email", ""))
    if problem := _find_obstacle(order, email, now):
        return go_and_tell(request, address, problem, level=messages.ERROR)
    try:
        order_queries.check_key(order)
    except ConfigurationError:
        return _refuse_without_key(request, access)
    if wait := explain_wait(request, Limit.LISTS):
        return refuse_tokens(request, access, wait, status=429)
    form = OnceForm(request.POST)
    if not form.is_valid():
        return redirect(address)
    user_id = int(request.user.pk or 0)
    key = form.cleaned_data["idempotency_key"]
    if notices.claim_notice(f"codes:{order.pk}:{user_id}:{key}", now=now):
        count(request, Limit.LISTS)
        order_operations.mail_codes(order, actor=get_user(request), recipient=get_user(request))
    text = gettext("The list of available tokens is being e-mailed to %(address)s.")
    return go_and_tell(request, address, text % {"address": email})


def _find_obstacle(order: TokenOrder, email: str, now: datetime) -> Any:
    """Why there is nothing to mail, or nowhere to mail it to; None when there is."""
    if not email:
        return PROBLEMS["no_address"]
    is_processed = order.status == OrderStatus.PROCESSED
    if not is_processed or not assignment_queries.count_cancellable(order, now=now).free:
        return PROBLEMS["none_available"]
    return None


def _refuse_without_key(request: HttpRequest, access: Access) -> HttpResponse:
    return refuse_tokens(request, access, PROBLEMS["no_key"], status=503)
