"""The catalogue item's form: what is wrong with an item is told at the field, in plain words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.admin.fields import SuggestInput
from token_payments.admin.token_prices import TokenPricesField, list_types, read_prices
from token_payments.catalogue import operations as catalogue_operations
from token_payments.checkout import queries as checkout_queries
from token_payments.errors import InvalidItem, ItemNotFound
from token_payments.hosts import host
from token_payments.models import CatalogueItem, EnrolmentSettings
from token_payments.presenters.refusals import Audience, describe_refusal


class CatalogueItemForm(forms.ModelForm):
    """An item with its payment methods. ``may_see_settings`` is set by the admin, per request."""

    may_see_settings = False

    price = forms.DecimalField(
        label=_("Price"),
        required=False,
        min_value=0,
        max_digits=13,
        decimal_places=3,
        help_text=_("Per seat. Blank: the price of the course mode."),
    )
    payment_methods = forms.MultipleChoiceField(
        label=_("Payment methods"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("How learners may pay for this item. An item can take several methods."),
    )

    token_prices = TokenPricesField(
        label=_("Price in tokens"),
        required=False,
        help_text=_("Tokens per seat. Any one of these pays; empty: can't be paid in this type."),
    )

    class Meta:
        model = CatalogueItem
        fields = (
            "item_key",
            "enrolment_method",
            "price",
            "currency",
            "course_mode",
            "seats",
            "unenrolment_policy",
            "unenrolment_days",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "unenrolment_policy" in self.fields:
            self.fields["unenrolment_policy"].required = False
        methods = self.fields["payment_methods"]
        assert isinstance(methods, forms.MultipleChoiceField)
        methods.choices = [
            (method.slug, method.label) for method in checkout_queries.list_methods()
        ]
        if self.instance.pk:
            methods.initial = list(self.instance.payment_methods.values_list("method", flat=True))
        self._set_up_token_prices()
        if "item_key" in self.fields:
            self.fields["item_key"].widget = SuggestInput("catalogueitem_courses")
        settings = EnrolmentSettings.current()
        if "enrolment_method" in self.fields and not settings.override_allowed:
            self.fields["enrolment_method"].disabled = True
            self.fields["enrolment_method"].help_text = self._explain_site_rule(settings)

    def _set_up_token_prices(self) -> None:
        prices = self.fields["token_prices"]
        assert isinstance(prices, TokenPricesField)
        prices.offer(list_types(self.instance))
        kept = read_prices(self.instance)
        prices.initial = {token_type.pk: quantity for token_type, quantity in kept.items()}

    def clean_item_key(self) -> str:
        return str(self.cleaned_data["item_key"]).strip()

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).strip().upper()

    def _post_clean(self) -> None:
        """Have the domain look at the whole item once its fields are well-formed."""
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        try:
            catalogue_operations.check_item(
                self.instance,
                methods=self.cleaned_data["payment_methods"],
                token_prices=self.cleaned_data["token_prices"],
            )
        except InvalidItem as error:
            self.add_problems(error)

    def add_problems(self, error: InvalidItem) -> None:
        facts = self._get_facts()
        for field, reason in error.problems.items():
            told = describe_refusal(error, audience=Audience.STAFF, reason=reason, **facts)
            self.add_error(field if field in self.fields else None, told.text)

    def _get_facts(self) -> dict[str, str]:
        item = self.instance
        try:
            modes = host.get_item(item.item_key).modes
        except ItemNotFound:
            modes = []
        return {
            "key": item.item_key,
            "currency": item.currency,
            "mode": item.course_mode,
            "modes": ", ".join(mode.slug for mode in modes) or gettext("none"),
        }

    def _explain_site_rule(self, settings: EnrolmentSettings) -> str:
        note = gettext(
            "This does not count now: every catalogue item follows the site's default, which is "
            "%(method)s."
        ) % {"method": settings.get_default_method_display()}
        if not self.may_see_settings:
            return note
        return format_html(
            '{} <a href="{}">{}</a>',
            note,
            reverse("admin:token_payments_enrolmentsettings_changelist"),
            gettext("Self Enrolment Settings"),
        )
