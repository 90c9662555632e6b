"""An order's log, and what was cancelled of it or asked to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from token_payments import conf
from token_payments.errors import NotEnoughUnused, RefundTooHigh, TokenPaymentsError
from token_payments.hosts import host, list_name_relations
from token_payments.l10n.formats import format_number
from token_payments.models import CancellationRequest, TokenOrderCancellation
from token_payments.orders import queries as order_queries
from token_payments.orders.models import TokenOrder, TokenOrderAction, TokenOrderLogEntry
from token_payments.presenters.once import OnceForm


def list_cancellations(order: TokenOrder) -> QuerySet[TokenOrderCancellation]:
    """The newest first, with the name of who cancelled."""
    return order.cancellations.select_related(*list_name_relations("actor"))


def list_requests(order: TokenOrder) -> QuerySet[CancellationRequest]:
    """The newest first, with what came of them, and the names of who asked and who answered."""
    names = (*list_name_relations("actor"), *list_name_relations("answered_by"))
    return order.cancellation_requests.select_related("cancellation", *names)


class AboutOrderForm(forms.Form):
    """A form about one order."""

    def __init__(self, *args: Any, order: TokenOrder, **kwargs: Any) -> None:
        self.order = order
        super().__init__(*args, **kwargs)


class SomeTokensForm(AboutOrderForm, OnceForm):
    """How many unused tokens of the order: children have ``quantity`` and ``serials``.

    Tokens of a wallet have no numbers.
    """

    no_serials: Any = _("Enter numbers of tokens as the list of tokens has them, such as 3, 7-9.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.order.is_for_wallet:
            del self.fields["serials"]

    def clean_serials(self) -> order_queries.Serials:
        try:
            return order_queries.Serials.read(self.cleaned_data["serials"])
        except ValueError as error:
            raise forms.ValidationError(self.no_serials) from error

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        serials = cleaned.setdefault("serials", order_queries.Serials())
        if serials and cleaned.get("quantity") not in (None, serials.count()):
            self.add_error("quantity", self.explain_count(serials.count()))
        return cleaned

    def explain_count(self, count: int) -> str:
        """The text for chosen tokens that are not as many as ``quantity``."""
        text = ngettext(
            "You chose %(number)s token by its number: enter 1, or choose others.",
            "You chose %(number)s tokens by their numbers: enter that, or choose others.",
            count,
        )
        return text % {"number": format_number(count)}


def name_field(form: forms.BaseForm, error: TokenPaymentsError) -> str | None:
    """The field of a form that cancels tokens at which a refusal is told; None for the whole."""
    name = None
    if isinstance(error, NotEnoughUnused):
        name = "serials" if error.chosen else "quantity"
    elif isinstance(error, RefundTooHigh):
        name = "refund_amount"
    return name if name in form.fields else None


@dataclass(frozen=True)
class LogLine:
    """An entry as somebody may read it; ``with_detail`` tells whether that is for its reader."""

    entry: TokenOrderLogEntry
    with_detail: bool = True

    @property
    def actor(self) -> str:
        """Empty where no person acted."""
        return host.get_full_name(self.entry.actor) if self.entry.actor else ""

    @property
    def time(self) -> str:
        """Of day, in the site's zone."""
        local = timezone.localtime(self.entry.created_at, conf.time_zone())
        return str(formats.time_format(local, "H:i"))

    @property
    def detail(self) -> str:
        """The entry's detail for people: of a change the labels of the fields that it names."""
        if not self.with_detail or self.entry.action != TokenOrderAction.CHANGED:
            return self.entry.detail if self.with_detail else ""
        labels = {field.name: str(field.verbose_name) for field in TokenOrder._meta.fields}
        return ", ".join(labels.get(part, part) for part in self.entry.detail.split(", "))


def list_log(order: TokenOrder) -> QuerySet[TokenOrderLogEntry]:
    """The newest first, with the names of who acted."""
    return order.log.select_related(*list_name_relations("actor"))
