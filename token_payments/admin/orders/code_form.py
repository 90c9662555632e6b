"""The form of an order of Token Codes for a course, until its processing begins."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments import conf
from token_payments.admin.fields import SuggestInput
from token_payments.admin.orders.form import OrderForm
from token_payments.admin.suggestions import AccountField
from token_payments.catalogue import queries as catalogue_queries
from token_payments.errors import ItemNotFound
from token_payments.hosts import host
from token_payments.models import MAX_QUANTITY, CatalogueItem, OrderKind


class ItemField(forms.ModelChoiceField):
    """A catalogue item; two runs of a course have one title, so the key is shown as well."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.title} – {obj.item_key}" if obj.title else str(obj.item_key)


class CodeOrderForm(OrderForm):
    """The group by its name: without JavaScript it is typed.

    A group that the course doesn't have is answered with the list of those that it has.
    """

    kind = OrderKind.CODES
    max_quantity = MAX_QUANTITY

    item = ItemField(
        label=_("Course"),
        queryset=CatalogueItem.objects.order_by("title", "item_key"),
        empty_label=_("Choose a course"),
        help_text=_("The course that these tokens will apply to."),
    )
    account = AccountField(
        label=_("Account"),
        widget=SuggestInput("tokenorder_accounts"),
        required=False,
        help_text=_(
            "Name or customer number of the organisation that the order is for: its managers look "
            "after the order too. Optional."
        ),
    )
    group_name = forms.CharField(
        label=_("Group"),
        required=False,
        max_length=255,
        help_text=_(
            "Learners who enrol with a token join this group of the course. Empty: no group."
        ),
    )

    class Meta(OrderForm.Meta):
        fields = (*OrderForm.Meta.fields, "item", "account", "group_name")

    def set_up(self) -> None:
        super().set_up()
        self.fields["redeem_by"].help_text = gettext(
            "The last day on which the tokens can be redeemed, until midnight %(zone)s time. "
            "Empty: no limit."
        ) % {"zone": conf.time_zone().key}
        self.set_up_account()
        self.fields["group_name"].widget.attrs.update(
            {
                "class": "vTextField",
                "data-groups": reverse("admin:token_payments_tokenorder_groups"),
                "data-groups-of": "id_item",
                "data-none": gettext("No group"),
            }
        )

    def clean_item(self) -> CatalogueItem:
        item: CatalogueItem = self.cleaned_data["item"]
        if not catalogue_queries.takes_codes(item):
            raise forms.ValidationError(
                gettext(
                    "Nobody can redeem a code for this course: its catalogue item doesn't take "
                    "Token Codes. Add that payment method there first, or choose another course."
                )
            )
        return item

    def clean(self) -> dict[str, Any]:
        """The course must be in the LMS still, and the group one of its groups."""
        cleaned = super().clean()
        item = cleaned.get("item")
        if item is None:
            return cleaned
        try:
            host.get_item(item.item_key)
        except ItemNotFound:
            text = gettext("The LMS has no course “%(key)s” any more.")
            self.add_error("item", text % {"key": item.item_key})
            return cleaned
        name = cleaned.get("group_name")
        if name:
            self._check_group(name, host.list_groups(item.item_key))
        return cleaned

    def _check_group(self, name: str, groups: list[str]) -> None:
        if name in groups:
            return
        if not groups:
            text = gettext("This course has no groups: leave the field empty.")
        else:
            text = gettext("This course has no group “%(name)s”. Its groups: %(groups)s.") % {
                "name": name,
                "groups": ", ".join(groups),
            }
        self.add_error("group_name", text)
