"""Who looks after an order beside its buyer: helpers are named and removed, as in the portal."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.admin.fields import SuggestInput
from token_payments.admin.orders.head import OrderVisit
from token_payments.admin.suggestions import PersonField
from token_payments.assignments import operations as assignment_operations
from token_payments.hosts import host
from token_payments.hosts.base import User
from token_payments.presenters import delegates
from token_payments.presenters.cancellations import AboutOrderForm

NEEDLESS = {
    "buyer": _("This is the buyer, who does everything already."),
    "manager": _("A manager of the account does everything already."),
}


class DelegateForm(AboutOrderForm):
    """Somebody who doesn't look after the order already."""

    user = PersonField(
        label=_("Person"),
        help_text=_("User name or e-mail address."),
        widget=SuggestInput("tokenorder_people"),
    )

    def clean_user(self) -> User:
        user: User = self.cleaned_data["user"]
        if involvement := delegates.find_involvement(self.order, user):
            raise forms.ValidationError(NEEDLESS[involvement])
        return user


def show_delegates(visit: OrderVisit) -> HttpResponse:
    """The helpers' page; a POST says in ``action`` what is to be done: add or remove."""
    order, sent = visit.order, visit.request.POST
    if visit.is_sent and sent.get("action") != "add":
        return _remove(visit)
    form = DelegateForm(visit.data, order=order)
    if form.is_valid():
        return _add(visit, form.cleaned_data["user"])
    managers = delegates.list_managers(order)[: delegates.MANAGERS]
    return visit.render(
        "helpers",
        tab="helpers",
        form=form,
        delegates=visit.get_page(delegates.list_delegates(order)),
        managers=[host.get_full_name(row.user) for row in managers],
    )


def _add(visit: OrderVisit, user: User) -> HttpResponse:
    is_new = not visit.order.delegates.filter(user=user).exists()
    assignment_operations.add_delegate(visit.order, user, **visit.by)
    text = (
        gettext("%(name)s helps with this order now, and is told by e-mail.")
        if is_new
        else gettext("%(name)s is a helper already.")
    )
    return visit.go_and_tell(text % {"name": host.get_full_name(user)}, "helpers")


def _remove(visit: OrderVisit) -> HttpResponse:
    delegate = delegates.find_delegate(visit.order, visit.request.POST.get("user", ""))
    if delegate is None or not assignment_operations.remove_delegate(
        visit.order, delegate.user, **visit.by
    ):
        gone = gettext("This person isn't a helper any more.")
        return visit.go_and_tell(gone, "helpers", level=messages.ERROR)
    text = gettext("%(name)s doesn't see this order any more.")
    return visit.go_and_tell(text % {"name": host.get_full_name(delegate.user)}, "helpers")
