"""What was done with an order, and who has seen its codes."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils import formats, timezone
from django.views.decorators.http import require_safe

from token_payments import conf
from token_payments.hosts import host, list_name_relations
from token_payments.models import TokenOrderAction, TokenOrderLogEntry
from token_payments.portal.order_page.access import Access, order_page, render_order
from token_payments.portal.pages import get_page
from token_payments.presenters.order_log import describe_detail

PAGE = 50  # entries
#: What these say in detail is about codes alone: delegates read it, too.
ABOUT_CODES = frozenset({TokenOrderAction.CODES_ASSIGNED, TokenOrderAction.CODES_REVOKED})


@dataclass(frozen=True)
class LogRow:
    """One entry as the visitor may read it; ``actor`` is empty where no person acted."""

    entry: TokenOrderLogEntry
    actor: str
    detail: str

    @property
    def time(self) -> str:
        local = timezone.localtime(self.entry.created_at, conf.time_zone())
        return str(formats.time_format(local, "H:i"))


@order_page
@require_safe
def log(request: HttpRequest, access: Access) -> HttpResponse:
    """Every step of the order and every look at its codes, the newest first."""
    entries = access.order.log.select_related(*list_name_relations("actor"))
    page = get_page(request, entries, PAGE)
    return render_order(
        request,
        access,
        "order_page/log.html",
        tab="order_log",
        page=page,
        rows=[_describe(entry, access) for entry in page.object_list],
    )


def _describe(entry: TokenOrderLogEntry, access: Access) -> LogRow:
    """Reasons and names of helpers are for the order's owners."""
    tells = access.is_owner or entry.action in ABOUT_CODES
    return LogRow(
        entry=entry,
        actor=host.get_full_name(entry.actor) if entry.actor else "",
        detail=describe_detail(entry) if tells else "",
    )
