"""Members of an account: managers add people, change their role, and end memberships."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.errors import LastManager
from token_payments.hosts.people import get_user
from token_payments.models import Account, AccountMember, AccountRole
from token_payments.portal.pages import go_and_tell, render_page
from token_payments.portal.tokens.access import get_managed, tokens_page
from token_payments.portal.tokens.forms import AddMemberForm, read_ids
from token_payments.presenters.delegates import get_members_page, name_members
from token_payments.presenters.refusals import Audience, get_texts
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets import queries as wallet_queries

PAGE = 50  # members
#: What was done, by the word that the address carries after it.
DONE: dict[str, Any] = {
    "added": _("The person is a member of the account now."),
    "changed": _("The role was changed."),
    "removed": _("The membership has ended. Courses that were paid for stay open to the person."),
    "gone": _("This person isn't a member any more."),
    "last_manager": get_texts(LastManager, Audience.CUSTOMER).text,
}
REFUSED = ("gone", "last_manager")


@tokens_page
def members(request: HttpRequest, account_id: int) -> HttpResponse:
    """The members, and the form that adds one; POST adds."""
    account = get_managed(request, account_id).account
    if request.method != "POST":
        return _show(request, account, AddMemberForm())
    form = AddMemberForm(request.POST)
    person = form.find(request) if form.is_valid() else None
    if person is not None and wallet_queries.find_role(account, person) is not None:
        form.add_error(
            "who", gettext("This person is a member already. Change the role in the list.")
        )
    if person is None or form.errors:
        return _show(request, account, form)
    role = AccountRole(form.cleaned_data["role"])
    is_known = "@" in form.cleaned_data["who"]
    wallet_operations.set_member(
        account, person, role, actor=get_user(request), address_known=is_known
    )
    return _go_back(request, account, "added")


@tokens_page
def change_member(request: HttpRequest, account_id: int) -> HttpResponse:
    """POST gives a member the role that it names, or ends the membership when it names none."""
    account = get_managed(request, account_id).account
    if request.method != "POST":
        return _go_back(request, account)
    ids = read_ids(request.POST.getlist("person"))
    member = account.members.select_related("user").filter(user__in=ids[:1]).first()
    role = request.POST.get("role", "")
    if member is None:
        return _go_back(request, account, "gone")
    try:
        done = _change(account, member, role, request)
    except LastManager:
        done = "last_manager"
    if wallet_queries.find_role(account, get_user(request)) != AccountRole.MANAGER:
        return redirect("token_payments:tokens")
    return _go_back(request, account, done)


def _change(account: Account, member: AccountMember, role: str, request: HttpRequest) -> str:
    """Change a role or end a membership; returns the text's key. Raises LastManager."""
    if role in AccountRole.values:
        wallet_operations.set_member(
            account, member.user, AccountRole(role), actor=get_user(request)
        )
        return "changed"
    if role == "" and "remove" in request.POST:
        wallet_operations.remove_member(account, member.user, actor=get_user(request))
        return "removed"
    return ""


def _show(request: HttpRequest, account: Account, form: AddMemberForm) -> HttpResponse:
    page = get_members_page(account, request.GET.get("page"), PAGE)
    return render_page(
        request,
        "tokens/members.html",
        account=account,
        form=form,
        errors=form.list_errors(),
        page=page,
        people=name_members(page),
    )


def _go_back(request: HttpRequest, account: Account, done: str = "") -> HttpResponse:
    address = reverse("token_payments:members", args=[account.pk])
    if not done:
        return redirect(address)
    level = messages.WARNING if done in REFUSED else messages.SUCCESS
    return go_and_tell(request, address, DONE[done], level=level)
