"""The members of an account: who belongs to it in which role, and who changed that when."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.admin.fields import SuggestInput
from token_payments.admin.pages import go_to, render_page
from token_payments.admin.suggestions import PersonField
from token_payments.admin.wallets.account_page import describe_account
from token_payments.admin.wallets.texts import write_time
from token_payments.db.numbers import read_number
from token_payments.errors import LastManager
from token_payments.hosts import host
from token_payments.hosts.base import User
from token_payments.hosts.people import get_user
from token_payments.models import Account, AccountMember, AccountRole
from token_payments.presenters.delegates import get_members_page, name_members
from token_payments.presenters.refusals import Audience, describe_refusal
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets import queries as wallet_queries

PAGE_SIZE = 100  # members
CHANGES = 50  # the last ones, that the page lists


class MemberForm(forms.Form):
    """Somebody by user name or e-mail address, and the role."""

    user = PersonField(
        label=_("Person"),
        help_text=_("User name or e-mail address."),
        widget=SuggestInput("account_people"),
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=AccountRole.choices,
        help_text=_(
            "Members may spend the account's tokens and see its balances. Managers also look "
            "after members, see who spent what, and may pay for members."
        ),
    )


def show_members(
    model_admin: admin.ModelAdmin, request: HttpRequest, account: Account
) -> HttpResponse:
    """The members' page; a POST says in ``action`` what is to be done: add, role or remove."""
    action = request.POST.get("action", "") if request.method == "POST" else None
    form = MemberForm(request.POST if action == "add" else None)
    if action is None or (action == "add" and not form.is_valid()):
        return _render(model_admin, request, account, form)
    try:
        if action == "add":
            _add(request, account, **form.cleaned_data)
        else:
            _change_member(request, account)
    except LastManager as error:
        messages.error(request, describe_refusal(error, audience=Audience.STAFF).text)
    return go_to(account, "members")


def _add(request: HttpRequest, account: Account, user: User, role: str) -> None:
    name = host.get_full_name(user)
    if wallet_queries.find_role(account, user) is not None:
        text = gettext("%(name)s belongs to the account already. Change the role in the table.")
        messages.info(request, text % {"name": name})
        return
    wallet_operations.set_member(account, user, AccountRole(role), actor=get_user(request))
    text = gettext("%(name)s belongs to the account now: %(role)s.")
    messages.success(request, text % {"name": name, "role": _write_role(role)})


def _change_member(request: HttpRequest, account: Account) -> None:
    """Another role for a member of the account, or none."""
    user_id = read_number(request.POST.get("user", ""))
    user: Any = get_user_model()._default_manager.filter(pk=user_id).first() if user_id else None
    if user is None or wallet_queries.find_role(account, user) is None:
        messages.error(request, gettext("This person doesn't belong to the account any more."))
        return
    name = host.get_full_name(user)
    role = request.POST.get("role", "")
    if request.POST.get("action") == "remove":
        wallet_operations.remove_member(account, user, actor=get_user(request))
        text = gettext("%(name)s doesn't belong to the account any more. What was paid stays.")
        messages.success(request, text % {"name": name})
    elif role in AccountRole.values:
        wallet_operations.set_member(account, user, AccountRole(role), actor=get_user(request))
        text = gettext("%(name)s is %(role)s now.")
        messages.success(request, text % {"name": name, "role": _write_role(role)})


def _render(
    model_admin: admin.ModelAdmin, request: HttpRequest, account: Account, form: MemberForm
) -> HttpResponse:
    page = get_members_page(account, request.GET.get("page"), PAGE_SIZE)
    return render_page(
        model_admin,
        request,
        "members",
        title=account.name,
        original=account,
        form=form,
        members=name_members(page),
        page_obj=page,
        changes=_list_changes(account),
        roles=AccountRole.choices,
        **describe_account(model_admin, request, account, page="members"),
    )


def _list_changes(account: Account) -> list[dict[str, Any]]:
    """The last changes, the newest first, whether or not their people belong to it still."""
    history: Any = AccountMember.history
    kept = history.filter(account_id=account.pk).order_by("-history_date", "-history_id")
    rows = list(kept[:CHANGES])
    people = {row.user_id for row in rows} | {row.history_user_id for row in rows}
    users = get_user_model()._default_manager.select_related(*host.name_relations)
    names = {user.pk: host.get_full_name(user) for user in users.filter(pk__in=people - {None})}
    return [
        {
            "time": write_time(row.history_date),
            "what": _write_change(row, names.get(row.user_id, "–")),
            "actor": names.get(row.history_user_id, gettext("the system")),
        }
        for row in rows
    ]


def _write_change(row: Any, name: str) -> str:
    texts = {
        "+": gettext("%(name)s was added: %(role)s."),
        "~": gettext("%(name)s got another role: %(role)s."),
        "-": gettext("%(name)s was removed."),
    }
    return texts[row.history_type] % {"name": name, "role": _write_role(row.role)}


def _write_role(role: str) -> str:
    return str(AccountRole(role).label).lower() if role in AccountRole.values else role
