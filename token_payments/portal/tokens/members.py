"""Who belongs to an account: managers add people, change their role, and end memberships."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from token_payments import conf
from token_payments.errors import LastManager, TooManyMisses
from token_payments.hosts import get_host, list_name_relations
from token_payments.models import Account, AccountMember, AccountRole
from token_payments.portal.tokens.access import find_managed, tokens_page
from token_payments.portal.tokens.forms import AddMemberForm, read_ids
from token_payments.portal.tokens.texts import (
    DONE,
    MEMBER_ALREADY,
    REFUSED,
    UNKNOWN_PERSON,
)
from token_payments.presenters.refusals import Audience, describe_refusal
from token_payments.throttling import look_up_person
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets import queries as wallet_queries

PAGE = 50  # members


@tokens_page
@require_http_methods(["GET", "HEAD", "POST"])
def members(request: HttpRequest, account_id: int) -> HttpResponse:
    """The members, and the form that adds one; POST adds."""
    account = find_managed(request, account_id).account
    if request.method != "POST":
        return _show(request, account, AddMemberForm())
    form = AddMemberForm(request.POST)
    if not form.is_valid() or not _add(request, account, form):
        return _show(request, account, form)
    return _go_back(account, "added")


@tokens_page
@require_http_methods(["GET", "HEAD", "POST"])
def change_member(request: HttpRequest, account_id: int) -> HttpResponse:
    """POST gives a member the role that it names, or ends the membership when it names none."""
    account = find_managed(request, account_id).account
    if request.method != "POST":
        return _go_back(account)
    ids = read_ids(request.POST.getlist("person"))
    member = account.members.select_related("user").filter(user__in=ids[:1]).first()
    role = request.POST.get("role", "")
    if member is None:
        return _go_back(account, "gone")
    try:
        done = _change(account, member, role, request)
    except LastManager:
        done = "last_manager"
    if wallet_queries.find_role(account, request.user) != AccountRole.MANAGER:
        return redirect("token_payments:tokens")
    return _go_back(account, done)


def _change(account: Account, member: AccountMember, role: str, request: HttpRequest) -> str:
    """What was done. Raises LastManager."""
    if role in AccountRole.values:
        wallet_operations.set_member(account, member.user, AccountRole(role), actor=request.user)
        return "changed"
    if role == "" and "remove" in request.POST:
        wallet_operations.remove_member(account, member.user, actor=request.user)
        return "removed"
    return ""


def _add(request: HttpRequest, account: Account, form: AddMemberForm) -> bool:
    try:
        person = look_up_person(request, form.cleaned_data["who"])
    except TooManyMisses as error:
        form.add_error("who", describe_refusal(error, audience=Audience.CUSTOMER).text)
        return False
    if person is None:
        form.add_error("who", UNKNOWN_PERSON)
    elif wallet_queries.find_role(account, person) is not None:
        form.add_error("who", MEMBER_ALREADY)
    else:
        role = AccountRole(form.cleaned_data["role"])
        wallet_operations.set_member(account, person, role, actor=request.user)
        return True
    return False


def _show(request: HttpRequest, account: Account, form: AddMemberForm) -> HttpResponse:
    host = get_host()
    listed = account.members.select_related(*list_name_relations("user"))
    page = Paginator(listed.order_by("user__username", "pk"), PAGE).get_page(
        request.GET.get("page")
    )
    done = request.GET.get("done", "")
    context = {
        "base_template": conf.base_template(),
        "account": account,
        "form": form,
        "errors": form.list_errors() if form.is_bound else [],
        "page": page,
        "people": [(member, host.get_full_name(member.user)) for member in page.object_list],
        "done": DONE.get(done, ""),
        "is_refused": done in REFUSED,
    }
    return render(request, "token_payments/tokens/members.html", context)


def _go_back(account: Account, done: str = "") -> HttpResponse:
    address = reverse("token_payments:members", args=[account.pk])
    return redirect(f"{address}?done={done}" if done else address)
