"""The receipt of one payment."""

from __future__ import annotations

import uuid

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from token_payments import api, conf
from token_payments.errors import ItemNotFound, NotOffered
from token_payments.hosts import get_host
from token_payments.hosts.base import HostItem
from token_payments.l10n import format_money
from token_payments.models import Redemption
from token_payments.portal import formats
from token_payments.portal.refusals import portal_page


@portal_page
@require_safe
def receipt(request: HttpRequest, redemption_uuid: uuid.UUID) -> HttpResponse:
    """What was paid, for its learner and for those who manage the course; 404 for all others."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    rows = Redemption.objects.select_related("item", "code", "learner", "wallet")
    redemption = rows.filter(uuid=redemption_uuid).first()
    if redemption is None or not _may_see(request, redemption):
        raise Http404
    item = redemption.item
    host, host_item = get_host(), _find_host_item(item.item_key)
    enrolment = host.get_enrolment(redemption.learner, item.item_key)
    mode = host_item.get_mode(redemption.mode) if host_item else None
    context = {
        "base_template": conf.base_template(),
        "redemption": redemption,
        "host_item": host_item,
        "item_key": item.item_key,
        "title": host_item.title if host_item else item.title,
        "is_own": redemption.learner_id == request.user.pk,
        "is_enrolled": enrolment is not None and enrolment.is_active,
        "learner_name": host.get_full_name(redemption.learner),
        "mode": mode.name if mode else redemption.mode,
        "method": _write_method(redemption.method),
        "price": format_money(redemption.price, redemption.currency),
        "starts": formats.write_start(host_item) if host_item else "",
        "day": formats.write_day(redemption.completed_at or redemption.created_at),
    }
    return render(request, "token_payments/checkout/receipt.html", context)


def _may_see(request: HttpRequest, redemption: Redemption) -> bool:
    is_own = redemption.learner_id == request.user.pk
    return is_own or get_host().may_manage(request.user, redemption.item.item_key)


def _find_host_item(item_key: str) -> HostItem | None:
    """The course; None when the host doesn't have it any more: what was paid stays to be seen."""
    try:
        return get_host().get_item(item_key)
    except ItemNotFound:
        return None


def _write_method(slug: str) -> str:
    try:
        return str(api.get_method(slug).label)
    except NotOffered:
        return slug
