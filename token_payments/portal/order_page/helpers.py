"""Who looks after an order beside its buyer: owners name helpers, and end that again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from token_payments.assignments import operations as assignment_operations
from token_payments.hosts import host, list_name_relations
from token_payments.hosts.base import User
from token_payments.models import AccountMember, AccountRole, TokenOrder
from token_payments.portal.order_page.access import Access, order_url, owner_page, render_order
from token_payments.portal.pages import get_page, go_and_tell
from token_payments.portal.refusals import explain_wait
from token_payments.portal.tokens.forms import PersonForm, read_ids
from token_payments.throttling import Limit, count
from token_payments.wallets import queries as wallet_queries

PAGE = 50  # helpers
MANAGERS = 20  # that are listed by name; the account's own page has all

#: What was done.
DONE: dict[str, Any] = {
    "added": _("This person helps with the order now, and is told by e-mail."),
    "removed": _("This person doesn't see the order any more."),
    "gone": _("This person wasn't a helper any more."),
}
IS_BUYER = _("This is the order's buyer, who sees and does everything already.")
IS_MANAGER = _("This person manages the order's account, and sees and does everything already.")
IS_HELPER = _("This person is a helper already.")


@owner_page
def helpers(request: HttpRequest, access: Access) -> HttpResponse:
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
    if obstacle := _find_obstacle(order, person) or explain_wait(request, Limit.HELPERS):
        form.add_error("who", obstacle)
        return False
    assignment_operations.add_delegate(order, person, actor=request.user, now=timezone.now())
    count(request, Limit.HELPERS)
    return True


def _find_obstacle(order: TokenOrder, person: User) -> Any:
    """Why the person needs no naming; None when naming changes something."""
    if person.pk == order.buyer_id:
        return IS_BUYER
    if (
        order.account is not None
        and wallet_queries.find_role(order.account, person) == AccountRole.MANAGER
    ):
        return IS_MANAGER
    return IS_HELPER if order.delegates.filter(user=person).exists() else None


def _remove(request: HttpRequest, order: TokenOrder) -> str:
    """What was done."""
    ids = read_ids(request.POST.getlist("remove"))
    delegate = order.delegates.select_related("user").filter(user__in=ids[:1]).first()
    if delegate is None:
        return "gone"
    now = timezone.now()
    is_done = assignment_operations.remove_delegate(
        order, delegate.user, actor=request.user, now=now
    )
    return "removed" if is_done else "gone"


def _show(request: HttpRequest, access: Access, form: PersonForm) -> HttpResponse:
    order = access.order
    named = order.delegates.select_related(*list_name_relations("user"))
    page = get_page(request, named.order_by("user__username", "pk"), PAGE)
    managers = AccountMember.objects.filter(account=order.account_id, role=AccountRole.MANAGER)
    others = managers.exclude(user=order.buyer_id).select_related(*list_name_relations("user"))
    listed = list(others.order_by("user__username", "pk")[: MANAGERS + 1])
    return render_order(
        request,
        access,
        "order_page/helpers.html",
        tab="order_people",
        form=form,
        errors=form.list_errors(),
        page=page,
        helpers=[(each.user, host.get_full_name(each.user)) for each in page.object_list],
        buyer_name=host.get_full_name(order.buyer),
        managers=[(each.user, host.get_full_name(each.user)) for each in listed[:MANAGERS]],
        has_more_managers=len(listed) > MANAGERS,
    )


def _go_back(request: HttpRequest, order: TokenOrder, done: str) -> HttpResponse:
    level = messages.WARNING if done == "gone" else messages.SUCCESS
    return go_and_tell(request, order_url(order, "order_people"), DONE[done], level=level)
