"""The Tokens section: masked codes; revealing, downloading and e-mailing them is logged."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from token_payments.admin.orders.head import OrderVisit
from token_payments.admin.pages import page_url
from token_payments.assignments import queries as assignment_queries
from token_payments.checkout.queries import CodePage
from token_payments.errors import ConfigurationError
from token_payments.hosts.people import get_user
from token_payments.l10n.formats import format_number
from token_payments.models import OrderStatus
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries
from token_payments.presenters.code_csv import write_code_list
from token_payments.presenters.code_lines import STATUSES, describe_codes, read_choice, read_search
from token_payments.presenters.csv_files import send_csv_file

PAGE = 100  # codes


def show_tokens(visit: OrderVisit) -> HttpResponse:
    """A page of tokens, masked."""
    return _render(visit, _get_page(visit), None)


def reveal_tokens(visit: OrderVisit) -> HttpResponse:
    """The same page with the codes in full, once it is logged. By POST only."""
    if not visit.is_sent:
        query = visit.request.GET.urlencode()
        return HttpResponseRedirect(f"{page_url(visit.order, 'tokens')}?{query}")
    page = _get_page(visit)
    try:
        written = order_operations.reveal_codes(visit.order, page.codes, **visit.by)
    except ConfigurationError as error:
        return visit.refuse(error, "tokens")
    return _render(visit, page, written)


def search_tokens(visit: OrderVisit) -> HttpResponse:
    """Where the search box is posted to: codes and people become serial numbers in the address."""
    choice, is_known = read_search(visit.order, visit.request.POST)
    if not is_known:
        messages.warning(visit.request, gettext("This order has no such Token Code."))
    return HttpResponseRedirect(f"{page_url(visit.order, 'tokens')}?{choice.filter_query}")


def download_tokens(visit: OrderVisit) -> HttpResponseBase:
    """All tokens of the order as CSV, once it is logged."""
    try:
        codes = order_operations.hand_out_codes(visit.order, **visit.by)
    except ConfigurationError as error:
        return visit.refuse(error, "tokens")
    return send_csv_file(write_code_list(visit.order, codes), visit.order.number)


def mail_tokens(visit: OrderVisit) -> HttpResponse:
    """Ask; after *Yes* have the available codes that are nobody's yet sent to the buyer."""
    order, address = visit.order, visit.order.buyer.email
    available = assignment_queries.count_cancellable(order, now=timezone.now()).free
    if order.status != OrderStatus.PROCESSED or not available:
        text = gettext("This order has no tokens to send that are nobody's yet.")
        return visit.go_and_tell(text, level=messages.ERROR)
    if not address:
        return visit.go_and_tell(gettext("The buyer has no e-mail address."), level=messages.ERROR)
    try:
        order_queries.check_key(order)
    except ConfigurationError as error:
        return visit.refuse(error)
    if not visit.is_sent:
        return visit.render("confirm_mail", available=available)
    order_operations.mail_codes(order, actor=get_user(visit.request))
    text = ngettext(
        "%(count)s available token is being e-mailed to %(address)s.",
        "%(count)s available tokens are being e-mailed to %(address)s.",
        available,
    )
    return visit.go_and_tell(text % {"count": format_number(available), "address": address})


def _get_page(visit: OrderVisit) -> CodePage:
    return read_choice(visit.request.GET).get_page(visit.order, PAGE)


def _render(visit: OrderVisit, page: CodePage, written: dict[int, str] | None) -> HttpResponse:
    return visit.render(
        "tokens",
        tab="tokens",
        lines=describe_codes(visit.order, page.codes, written),
        token_page=page,
        choice=read_choice(visit.request.GET),
        statuses=STATUSES,
        is_revealed=bool(written),
        address=visit.request.GET.urlencode(),
    )
