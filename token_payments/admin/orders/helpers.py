"""Who looks after an order beside its buyer: helpers are named and removed, as in the portal."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.admin.orders.head import render_page
from token_payments.admin.pages import go_to
from token_payments.admin.people import PersonField
from token_payments.assignments import operations as assignment_operations
from token_payments.db.numbers import read_number
from token_payments.hosts import host, list_name_relations
from token_payments.hosts.base import User
from token_payments.models import AccountMember, AccountRole, TokenOrder
from token_payments.wallets import queries as wallet_queries

PAGE_SIZE = 100  # helpers
MANAGERS = 20  # that are listed by name; the account's own page has all


class HelperForm(forms.Form):
    """Somebody who doesn't look after the order already."""

    user = PersonField(label=_("Person"), help_text=_("User name or e-mail address."))

    def __init__(self, *args: Any, order: TokenOrder, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = order
        self.fields["user"].widget.attrs.update(
            {
                "class": "vTextField",
                "autocomplete": "off",
                "data-suggest": reverse("admin:token_payments_tokenorder_people"),
            }
        )

    def clean_user(self) -> User:
        user: User = self.cleaned_data["user"]
        account = self.order.account
        if user.pk == self.order.buyer_id:
            raise forms.ValidationError(_("This is the buyer, who does everything already."))
        if account is not None and wallet_queries.find_role(account, user) == AccountRole.MANAGER:
            text = _("A manager of the account does everything already.")
            raise forms.ValidationError(text)
        return user


def show_helpers(
    model_admin: admin.ModelAdmin, request: HttpRequest, order: TokenOrder
) -> HttpResponse:
    """The helpers' page; a POST says in ``action`` what is to be done: add or remove."""
    form = HelperForm(order=order)
    if request.method == "POST":
        if request.POST.get("action") != "add":
            _remove(request, order)
        else:
            form = HelperForm(request.POST, order=order)
            if not form.is_valid():
                return _render(model_admin, request, order, form)
            _add(request, order, form.cleaned_data["user"])
        return go_to(order, "helpers")
    return _render(model_admin, request, order, form)


def _add(request: HttpRequest, order: TokenOrder, user: User) -> None:
    is_new = not order.delegates.filter(user=user).exists()
    assignment_operations.add_delegate(order, user, actor=request.user, now=timezone.now())
    text = (
        gettext("%(name)s helps with this order now, and is told by e-mail.")
        if is_new
        else gettext("%(name)s is a helper already.")
    )
    messages.success(request, text % {"name": host.get_full_name(user)})


def _remove(request: HttpRequest, order: TokenOrder) -> None:
    number = read_number(request.POST.get("user", ""))
    helpers = order.delegates.select_related(*list_name_relations("user"))
    helper = helpers.filter(user=number).first() if number else None
    if helper is None or not assignment_operations.remove_delegate(
        order, helper.user, actor=request.user, now=timezone.now()
    ):
        messages.error(request, gettext("This person isn't a helper any more."))
        return
    text = gettext("%(name)s doesn't see this order any more.")
    messages.success(request, text % {"name": host.get_full_name(helper.user)})


def _render(
    model_admin: admin.ModelAdmin, request: HttpRequest, order: TokenOrder, form: HelperForm
) -> HttpResponse:
    named = order.delegates.select_related(
        *list_name_relations("user"), *list_name_relations("added_by")
    )
    page = Paginator(named.order_by("user__username"), PAGE_SIZE).get_page(request.GET.get("page"))
    managers = AccountMember.objects.filter(account=order.account_id, role=AccountRole.MANAGER)
    listed = managers.select_related(*list_name_relations("user")).order_by("user__username")
    return render_page(
        model_admin,
        request,
        order,
        "helpers",
        page="helpers",
        form=form,
        helpers=[
            {
                "row": row,
                "name": host.get_full_name(row.user),
                "added_by": host.get_full_name(row.added_by) if row.added_by else "",
            }
            for row in page
        ],
        page_obj=page,
        managers=[host.get_full_name(row.user) for row in listed[:MANAGERS]],
    )
