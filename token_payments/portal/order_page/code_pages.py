"""What the pages about an order's codes share: the list that they show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from token_payments.assignments import queries as assignment_queries
from token_payments.checkout import queries as checkout_queries
from token_payments.db.numbers import read_number
from token_payments.errors import ConfigurationError
from token_payments.models import CodeStatus, OrderStatus, TokenOrder
from token_payments.orders import queries as order_queries
from token_payments.portal.order_page.access import Access, order_url, render_order
from token_payments.portal.pages import tell
from token_payments.presenters.code_lines import describe_codes
from token_payments.presenters.once import OnceForm
from token_payments.presenters.refusals import Audience, get_texts

PAGE = 50  # codes
LAST = 999_999_999  # no serial number is higher

#: What can't be done, and what to do.
PROBLEMS: dict[str, Any] = {
    "no_address": _(
        "There is no e-mail address in your account on this site. Add one to your profile, or "
        "download the list as CSV."
    ),
    "none_available": _(
        "Every token of this order is redeemed, cancelled or assigned to a learner, so nothing was "
        "sent."
    ),
    "no_such_code": _(
        "This order has no such token code. Check it for typing errors, or search for its last "
        "four characters."
    ),
    "no_key": get_texts(ConfigurationError, Audience.CUSTOMER, about="code").text,
}


#: What the list can be narrowed to: a state, or those that were given to somebody, used or not.
STATUSES = (*CodeStatus.choices, ("assigned", _("Assigned")))


def read_status(text: str) -> str:
    """One of STATUSES; empty for anything else."""
    return text if text in dict(STATUSES) else ""


@dataclass(frozen=True)
class CodeChoice:
    """Which of the order's codes an address means."""

    status: str
    text: str
    after: int | None
    before: int | None

    @property
    def filter_query(self) -> str:
        """The filter as it stands in an address."""
        return write_query(status=self.status, q=self.text)

    def find(self, order: TokenOrder) -> checkout_queries.CodePage:
        codes = checkout_queries.filter_codes(order, status=self.status, text=self.text)
        return checkout_queries.get_code_page(
            codes, after=self.after, before=self.before, size=PAGE
        )


def read_choice(request: HttpRequest) -> CodeChoice:
    """What the address says; anything that makes no sense is left out."""
    return CodeChoice(
        status=read_status(request.GET.get("status", "")),
        text=request.GET.get("q", "").strip(),
        after=read_number(request.GET.get("after", "")),
        before=read_number(request.GET.get("before", "")),
    )


def write_query(**values: str) -> str:
    return urlencode({name: value for name, value in values.items() if value})


def tokens_url(order: TokenOrder, **values: str) -> str:
    """The address of the list, with what stands in its query."""
    query = write_query(**values)
    return order_url(order, "order_tokens") + (f"?{query}" if query else "")


def render_tokens(
    request: HttpRequest,
    access: Access,
    page: checkout_queries.CodePage,
    *,
    written: dict[int, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The list; ``written`` has the codes that it shows in full."""
    order, now = access.order, timezone.now()
    counts = order_queries.count_order(order, now=now)
    return render_order(
        request,
        access,
        "order_page/tokens.html",
        tab="order_tokens",
        status=status,
        counts=counts,
        left=assignment_queries.count_cancellable(order, now=now) if counts.available else None,
        lines=describe_codes(order, page.codes, written),
        token_page=page,
        last_serial=LAST,
        choice=read_choice(request),
        address=request.GET.urlencode(),
        statuses=STATUSES,
        is_revealed=bool(written),
        may_give=order.status == OrderStatus.PROCESSED and counts.available > 0,
        is_over=bool(order.redeem_by and order.redeem_by <= now),
        once=OnceForm(),
    )


def refuse_tokens(
    request: HttpRequest, access: Access, problem: Any, *, status: int
) -> HttpResponse:
    """The list, and above it why what was asked for isn't done."""
    tell(request, problem, level=messages.ERROR)
    page = read_choice(request).find(access.order)
    return render_tokens(request, access, page, status=status)
