"""All tokens of an order as a file, and the available ones by e-mail to whoever asks."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from token_payments import tasks
from token_payments.assignments import queries as assignment_queries
from token_payments.errors import ConfigurationError
from token_payments.models import OrderStatus
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries
from token_payments.outbox import notices
from token_payments.portal.order_page.code_pages import (
    PROBLEMS,
    codes_page,
    find_email,
    read_choice,
    render_tokens,
    tokens_url,
)
from token_payments.portal.refusals import explain_wait
from token_payments.presenters.code_csv import write_code_list
from token_payments.throttling import Limit, count


@codes_page
@require_http_methods(["GET", "HEAD", "POST"])
def download_tokens(request: HttpRequest, access: assignment_queries.OrderAccess) -> HttpResponse:
    """All tokens of the order as CSV, once it is logged. By POST only."""
    order = access.order
    if request.method != "POST" or not order.code_key:  # without a key none was made yet
        return redirect(tokens_url(order))
    try:
        codes = order_operations.hand_out_codes(order, actor=request.user, now=timezone.now())
    except ConfigurationError:
        return _refuse_without_key(request, access)
    rows = write_code_list(order, codes)
    response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{order.number}.csv"'
    return response  # type: ignore[return-value]  # a cousin of HttpResponse


@codes_page
@require_http_methods(["GET", "HEAD", "POST"])
def mail_tokens(request: HttpRequest, access: assignment_queries.OrderAccess) -> HttpResponse:
    """Have the tokens that nobody has yet e-mailed to the visitor; a form sent twice mails once."""
    order, now = access.order, timezone.now()
    if request.method != "POST":
        return redirect(tokens_url(order))
    if not find_email(request):
        return redirect(tokens_url(order, problem="no_address"))
    if (
        order.status != OrderStatus.PROCESSED
        or not assignment_queries.count_cancellable(order, now=now).free
    ):
        return redirect(tokens_url(order, problem="none_available"))
    try:
        order_queries.check_key(order)
    except ConfigurationError:
        return _refuse_without_key(request, access)
    if wait := explain_wait(request, Limit.LISTS):
        page = read_choice(request).find(order)
        return render_tokens(request, access, page, problem=wait, status=429)
    user_id = int(request.user.pk or 0)
    key = _read_key(request)
    if key and notices.claim_notice(f"codes:{order.pk}:{user_id}:{key}", now=now):
        count(request, Limit.LISTS)
        tasks.queue_codes_mail(order.pk, actor_id=user_id, recipient_id=user_id)
    return redirect(tokens_url(order, done="mailed") if key else tokens_url(order))


def _refuse_without_key(
    request: HttpRequest, access: assignment_queries.OrderAccess
) -> HttpResponse:
    page = read_choice(request).find(access.order)
    return render_tokens(request, access, page, problem=str(PROBLEMS["no_key"]), status=503)


def _read_key(request: HttpRequest) -> str:
    """The form's own; empty for what isn't one."""
    try:
        return UUID(request.POST.get("key", "")).hex
    except ValueError:
        return ""
