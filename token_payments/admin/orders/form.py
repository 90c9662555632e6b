"""The form with which an order is requested, and changed until its processing begins."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.admin.widgets import AdminDateWidget
from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import get_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments import api, conf
from token_payments.admin.people import PersonField
from token_payments.dates import end_of_day, last_day
from token_payments.errors import ItemNotFound
from token_payments.hosts import get_host
from token_payments.models import MAX_QUANTITY, CatalogueItem, TokenOrder

SIGNER = Signer(salt="token_payments.order")


class ItemField(forms.ModelChoiceField):
    """A catalogue item; two runs of a course have one title, so the key is shown as well."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.title} – {obj.item_key}" if obj.title else str(obj.item_key)


class TokenOrderForm(forms.ModelForm):
    """Buyer by user name or e-mail, the group by name, redeem-by as a day.

    Without JavaScript the buyer and the group are typed; a group that the course doesn't have is
    answered with the list of those that it has. Texts that must be unique are NULL when left empty.
    ``order_uuid`` is made with the form for a new order: saving it twice requests one order. It is
    signed, since codes are derived from it: nobody else may choose it.
    """

    buyer = PersonField(
        label=_("Buyer"),
        help_text=_("User name or e-mail address of the person who buys these tokens."),
    )
    item = ItemField(
        label=_("Course"),
        queryset=CatalogueItem.objects.order_by("title", "item_key"),
        empty_label=_("Choose a course"),
        help_text=_("The course that these tokens will apply to."),
    )
    group_name = forms.CharField(
        label=_("Group"),
        required=False,
        max_length=255,
        help_text=_(
            "Learners who enrol with a token join this group of the course. Empty: no group."
        ),
    )
    redeem_by = forms.DateField(
        label=_("Redeem by"),
        required=False,
        widget=AdminDateWidget,
        error_messages={"invalid": _("Enter a valid date, such as 2026-12-31.")},
    )
    order_uuid = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = TokenOrder
        fields = (
            "buyer",
            "item",
            "quantity",
            "invoice_number",
            "purchase_order",
            "billing_name",
            "billing_street",
            "billing_postcode",
            "billing_city",
            "billing_region",
            "billing_country",
            "group_name",
            "redeem_by",
        )
        widgets = {"billing_street": forms.Textarea(attrs={"rows": 3, "cols": 40})}
        error_messages = {
            "invoice_number": {"unique": _("Another token order has this invoice number.")},
            "purchase_order": {
                "unique": _("Another token order has this customer purchase order.")
            },
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "quantity" not in self.fields:  # the order is only looked at
            return
        self._set_initial()
        zone = conf.time_zone().key
        # The calendar's own format and ISO: in 03/12/2026 nobody knows which is the month.
        formats = [get_format("DATE_INPUT_FORMATS")[0], "%Y-%m-%d"]
        self.fields["redeem_by"].input_formats = formats  # type: ignore[attr-defined]
        self.fields["redeem_by"].help_text = gettext(
            "The last day on which the tokens can be redeemed, until midnight %(zone)s time. "
            "Empty: no limit."
        ) % {"zone": zone}
        self.fields["buyer"].widget.attrs.update(
            {
                "class": "vTextField",
                "autocomplete": "off",
                "data-suggest": reverse("admin:token_payments_tokenorder_people"),
            }
        )
        self.fields["group_name"].widget.attrs.update(
            {
                "class": "vTextField",
                "data-groups": reverse("admin:token_payments_tokenorder_groups"),
                "data-groups-of": "id_item",
                "data-none": gettext("No group"),
            }
        )
        quantity = self.fields["quantity"].widget
        quantity.attrs.update({"min": 1, "max": MAX_QUANTITY, "inputmode": "numeric"})

    def _set_initial(self) -> None:
        order = self.instance
        if order.pk:
            self.initial["buyer"] = order.buyer.get_username()
        else:
            self.initial["order_uuid"] = SIGNER.sign(order.uuid.hex)
        if order.redeem_by:
            self.initial["redeem_by"] = last_day(order.redeem_by)

    def clean_item(self) -> CatalogueItem:
        item: CatalogueItem = self.cleaned_data["item"]
        if not api.takes_payment(item):
            raise forms.ValidationError(
                gettext(
                    "Nobody can pay for this course with tokens: its catalogue item has no payment "
                    "method. Add one there first, or choose another course."
                )
            )
        return item

    def clean_redeem_by(self) -> datetime | None:
        day = self.cleaned_data["redeem_by"]
        if day is None:
            return None
        try:
            end = end_of_day(day)
        except OverflowError as error:
            raise forms.ValidationError(
                _("This day is too late: choose an earlier one.")
            ) from error
        if "redeem_by" in self.changed_data and end <= timezone.now():
            raise forms.ValidationError(_("This day is over: choose today or a later day."))
        return end

    def clean(self) -> dict[str, Any]:
        """The course must be in the LMS still, and the group one of its groups."""
        cleaned = super().clean() or self.cleaned_data
        if not self.instance.pk:
            self._take_uuid(cleaned.get("order_uuid", ""))
        item = cleaned.get("item")
        if item is None:
            return cleaned
        host = get_host()
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

    def _take_uuid(self, signed: str) -> None:
        try:
            self.instance.uuid = UUID(hex=SIGNER.unsign(signed))
        except BadSignature:
            return  # the new one that the order has got is as good

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
