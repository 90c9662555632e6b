"""The catalogue item's form, with its prices in tokens: what is wrong is told at the field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.admin.fields import SuggestInput
from token_payments.catalogue import operations as catalogue_operations
from token_payments.catalogue import queries as catalogue_queries
from token_payments.checkout import queries as checkout_queries
from token_payments.db.numbers import read_number
from token_payments.errors import InvalidItem, ItemNotFound
from token_payments.hosts import host
from token_payments.l10n.formats import format_number
from token_payments.models import CatalogueItem, EnrolmentSettings, TokenType
from token_payments.presenters.refusals import Audience, describe_refusal

MAX_PRICE = 10_000_000


def list_types(item: CatalogueItem) -> list[TokenType]:
    """The types that the item may be priced in: those in use, and those that it has a price in."""
    wanted = Q(is_archived=False)
    if item.pk:
        wanted |= Q(prices__item=item)
    return list(TokenType.objects.filter(wanted).distinct().order_by("name"))


def read_prices(item: CatalogueItem) -> dict[TokenType, int]:
    """The prices that the item has now."""
    if not item.pk:
        return {}
    return {price.token_type: price.quantity for price in catalogue_queries.list_token_prices(item)}


def write_prices(prices: Mapping[TokenType, int]) -> str:
    """E.g. 7 Gold or 20 Silver; a dash without any."""
    texts = [f"{format_number(quantity)} {token_type}" for token_type, quantity in prices.items()]
    return gettext(" or ").join(texts) or "–"


class TokenPricesWidget(forms.Widget):
    """A number field for each of ``types``. Its value has the entered texts by the types' ids."""

    template_name = "admin/token_payments/catalogueitem/token_prices.html"
    use_fieldset = True
    types: Sequence[TokenType] = ()

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        entered = value or {}
        prefix = context["widget"]["attrs"].get("id") or f"id_{name}"
        context["rows"] = [
            {
                "id": f"{prefix}_{token_type.pk}",
                "name": f"{name}_{token_type.pk}",
                "type": token_type,
                "value": entered.get(token_type.pk, ""),
            }
            for token_type in self.types
        ]
        context["max_price"] = MAX_PRICE
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[int, str]:
        return {each.pk: data.get(f"{name}_{each.pk}", "") for each in self.types}

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return all(f"{name}_{each.pk}" not in data for each in self.types)

    def id_for_label(self, id_: str) -> str:
        return ""


class TokenPricesField(forms.Field):
    """Cleans to the number of tokens of each type that has a price."""

    widget = TokenPricesWidget
    types: Sequence[TokenType] = ()

    def offer(self, types: Sequence[TokenType]) -> None:
        """Ask for prices in these types."""
        self.types = types
        widget: Any = self.widget
        widget.types = types

    def clean(self, value: Mapping[int, str]) -> dict[TokenType, int]:
        prices, errors = {}, []
        for token_type in self.types:
            text = str(value.get(token_type.pk, "")).strip()
            if not text:
                continue
            number = read_number(text)
            if number is None or not 1 <= number <= MAX_PRICE:
                errors.append(
                    gettext("%(type)s: enter a whole number from 1 to %(most)s, or nothing.")
                    % {"type": token_type, "most": format_number(MAX_PRICE)}
                )
            else:
                prices[token_type] = number
        if errors:
            raise forms.ValidationError(errors)
        return prices

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = {pk: str(quantity) for pk, quantity in (initial or {}).items()}
        after = {pk: text.strip() for pk, text in (data or {}).items() if text.strip()}
        return before != after


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
