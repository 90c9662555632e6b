"""Who looks after an order beside its buyer: owners name helpers, and end that again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from token_payments.assignments import operations as assignment_operations
from token_payments.hosts.base import User
from token_payments.hosts.people import get_user
from token_payments.models import TokenOrder
from token_payments.portal.order_page.access import Access, order_url, owner_page, render_order
from token_payments.portal.pages import get_page, go_and_tell
from token_payments.portal.refusals import explain_wait
from token_payments.portal.tokens.forms import PersonForm
from token_payments.presenters import delegates
from token_payments.throttling import Limit, count

PAGE = 50  # helpers

#: What was done.
DONE: dict[str, Any] = {
    "added": _("This person helps with the order now, and is told by e-mail."),
    "removed": _("This person doesn't see the order any more."),
    "gone": _("This person wasn't a helper any more."),
}
NEEDLESS: dict[str, Any] = {
    "buyer": _("This is the order's buyer, who sees and does everything already."),
    "manager": _("This person manages the order's account, and sees and does everything already."),
    "helper": _("This person is a helper already."),
}


@owner_page
def show_delegates(request: HttpRequest, access: Access) -> HttpResponse:
    """The helpers, and the form that names one; POST names one, or ends what it names."""
    if request.method != "POST":
        return _show(request, access, PersonForm())
    if "remove" in request.POST:
        return _go_back(request, access.order, _remove(request, access.order))
    form = PersonForm(request.POST)
    if not form.is_valid() or not _add(request, access.order, form):
        return _show(request, access, form)
    return _go_back(request, access.order, "added")


def _add(request: HttpRequest, order: TokenOrder, form: PersonForm) -> bool:
    person = form.find(request)
    if person is None:
        return False
    if obstacle := _find_obstacle(order, person) or explain_wait(request, Limit.DELEGATES):
        form.add_error("who", obstacle)
        return False
    assignment_operations.add_delegate(order, person, actor=get_user(request), now=timezone.now())
    count(request, Limit.DELEGATES)
    return True


def _find_obstacle(order: TokenOrder, person: User) -> Any:
    """Why the person needs no naming; empty when naming changes something."""
    involvement = delegates.find_involvement(order, person)
    if not involvement and order.delegates.filter(user=person).exists():
        involvement = "helper"
    return NEEDLESS.get(involvement, "")


def _remove(request: HttpRequest, order: TokenOrder) -> str:
    """End a delegation; returns the key of the text that tells it."""
    delegate = delegates.find_delegate(order, request.POST["remove"])
    is_done = delegate is not None and assignment_operations.remove_delegate(
        order, delegate.user, actor=get_user(request), now=timezone.now()
    )
    return "removed" if is_done else "gone"


def _show(request: HttpRequest, access: Access, form: PersonForm) -> HttpResponse:
    order, most = access.order, delegates.MANAGERS
    managers = delegates.list_managers(order).exclude(user=order.buyer_id)[: most + 1]
    listed = [row.user for row in managers]
    return render_order(
        request,
        access,
        "order_page/helpers.html",
        tab="order_people",
        form=form,
        errors=form.list_errors(),
        page=get_page(request, delegates.list_delegates(order), PAGE),
        managers=listed[:most],
        has_more_managers=len(listed) > most,
    )


def _go_back(request: HttpRequest, order: TokenOrder, done: str) -> HttpResponse:
    level = messages.WARNING if done == "gone" else messages.SUCCESS
    return go_and_tell(request, order_url(order, "order_people"), DONE[done], level=level)
