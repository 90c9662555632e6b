"""Who looks after an order beside its buyer: owners name helpers, and end that again."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from token_payments import tasks
from token_payments.assignments import operations as assignment_operations
from token_payments.assignments import queries as assignment_queries
from token_payments.errors import TooManyMisses
from token_payments.hosts import get_host, list_name_relations
from token_payments.hosts.base import User
from token_payments.models import AccountMember, AccountRole, TokenOrder
from token_payments.portal.order_page.access import order_url, owner_page, render_order
from token_payments.portal.refusals import explain_wait
from token_payments.portal.tokens.forms import PersonForm, read_ids
from token_payments.portal.tokens.texts import UNKNOWN_PERSON
from token_payments.presenters.refusals import Audience, describe_refusal
from token_payments.throttling import Limit, count, look_up_person
from token_payments.wallets import queries as wallet_queries

PAGE = 50  # helpers
MANAGERS = 20  # that are listed by name; the account's own page has all

#: What was done, by the word that the address carries after it.
DONE: dict[str, Any] = {
    "added": _("This person helps with the order now, and is told by e-mail."),
    "removed": _("This person doesn't see the order any more."),
    "gone": _("This person wasn't a helper any more."),
}
IS_BUYER = _("This is the order's buyer, who sees and does everything already.")
IS_MANAGER = _("This person manages the order's account, and sees and does everything already.")
IS_HELPER = _("This person is a helper already.")


@owner_page
@require_http_methods(["GET", "HEAD", "POST"])
def helpers(request: HttpRequest, access: assignment_queries.OrderAccess) -> HttpResponse:
    """The helpers, and the form that names one; POST names one, or ends what it names."""
    if request.method != "POST":
        return _show(request, access, PersonForm())
    if "remove" in request.POST:
        return _go_back(access.order, _remove(request, access.order))
    form = PersonForm(request.POST)
    if not form.is_valid() or not _add(request, access.order, form):
        return _show(request, access, form)
    return _go_back(access.order, "added")


def _add(request: HttpRequest, order: TokenOrder, form: PersonForm) -> bool:
    try:
        person = look_up_person(request, form.cleaned_data["who"])
    except TooManyMisses as error:
        form.add_error("who", describe_refusal(error, audience=Audience.CUSTOMER).text)
        return False
    obstacle = UNKNOWN_PERSON if person is None else _find_obstacle(order, person)
    obstacle = obstacle or explain_wait(request, Limit.HELPERS) or None
    if obstacle is not None:
        form.add_error("who", obstacle)
        return False
    delegate = assignment_operations.add_delegate(
        order, person, actor=request.user, now=timezone.now()
    )
    count(request, Limit.HELPERS)
    tasks.queue_delegate_mail(delegate.pk)
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


def _show(
    request: HttpRequest, access: assignment_queries.OrderAccess, form: PersonForm
) -> HttpResponse:
    order, host = access.order, get_host()
    named = order.delegates.select_related(*list_name_relations("user"))
    page = Paginator(named.order_by("user__username", "pk"), PAGE).get_page(request.GET.get("page"))
    managers = AccountMember.objects.filter(account=order.account_id, role=AccountRole.MANAGER)
    others = managers.exclude(user=order.buyer_id).select_related(*list_name_relations("user"))
    listed = list(others.order_by("user__username", "pk")[: MANAGERS + 1])
    return render_order(
        request,
        access,
        "order_page/helpers.html",
        tab="order_people",
        form=form,
        errors=form.list_errors() if form.is_bound else [],
        page=page,
        helpers=[(each.user, host.get_full_name(each.user)) for each in page.object_list],
        buyer_name=host.get_full_name(order.buyer),
        managers=[(each.user, host.get_full_name(each.user)) for each in listed[:MANAGERS]],
        has_more_managers=len(listed) > MANAGERS,
        done=DONE.get(request.GET.get("done", ""), ""),
        is_refused=request.GET.get("done") == "gone",
    )


def _go_back(order: TokenOrder, done: str) -> HttpResponse:
    return redirect(f"{order_url(order, 'order_people')}?done={done}")
