"""The payment form: which method, and the chosen method's own fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext

from token_payments.catalogue.queries import Offer
from token_payments.checkout.queries import PaymentMethod, list_methods
from token_payments.hosts.base import Visitor

CHOICE = "method"  # the radio buttons' name; a method's fields have its slug as prefix


@dataclass(frozen=True)
class Field:
    """One field as the page shows it: ``errors`` are sentences."""

    bound: BoundField
    errors: list[str]

    @property
    def id(self) -> str:
        """Of the input; for several radio buttons, of what is around them."""
        return self.bound.id_for_label or str(self.bound.auto_id)

    @property
    def html(self) -> str:
        """The input, tied to its help and its error for those who can't see them."""
        described = [f"{self.bound.id_for_label}-help"] if self.bound.help_text else []
        attrs: dict[str, Any] = {"class": "tp-input"}
        if self.errors:
            described.append(f"{self.bound.id_for_label}-error")
            attrs["aria-invalid"] = "true"
        if described:
            attrs["aria-describedby"] = " ".join(described)
        return self.bound.as_widget(attrs=attrs)


@dataclass
class Option:
    """One payment method and its form; only the chosen one's form is ever checked."""

    method: PaymentMethod
    form: forms.Form
    is_chosen: bool
    refusals: dict[str, list[str]] = field(default_factory=dict)

    @property
    def can_pay(self) -> bool:
        """False when the method itself says that this learner has nothing to pay with."""
        return bool(getattr(self.form, "can_pay", True))

    @property
    def fields(self) -> list[Field]:
        errors = self.form.errors if self.form.is_bound else {}
        return [
            Field(bound, [*errors.get(bound.name, []), *self.refusals.get(bound.name, [])])
            for bound in self.form
        ]


class PaymentForm:
    """The methods that an item takes, in the registry's order, and what the learner chose.

    ``chosen`` is what was chosen before, if it is still on offer; without it the first method that
    the learner has something to pay with. ``remembered`` fills the chosen method's fields in.
    """

    def __init__(
        self,
        offer: Offer,
        *,
        learner: Visitor,
        now: datetime,
        data: Mapping[str, Any] | None = None,
        chosen: str | None = None,
        remembered: Mapping[str, str] | None = None,
    ) -> None:
        methods = [method for method in list_methods() if method.slug in offer.methods]
        if data is not None:
            chosen = data.get(CHOICE)
        self.options = []
        for method in methods:
            is_chosen = method.slug == chosen
            form = method.make_form(
                offer,
                learner=learner,
                now=now,
                data=data if is_chosen else None,
                prefix=method.slug,
            )
            if is_chosen and remembered:
                form.initial.update(remembered)
            self.options.append(Option(method, form, is_chosen))
        self.is_bound = data is not None
        self.chosen = next((option for option in self.options if option.is_chosen), None)
        if self.chosen is None and self.options and not self.is_bound:
            self.chosen = next((each for each in self.options if each.can_pay), self.options[0])
            self.chosen.is_chosen = True

    @property
    def is_choice(self) -> bool:
        """Whether there are several methods to choose from."""
        return len(self.options) > 1

    @property
    def can_pay(self) -> bool:
        return any(option.can_pay for option in self.options)

    def is_valid(self) -> bool:
        return self.chosen is not None and self.chosen.form.is_valid()

    @property
    def choice_error(self) -> str:
        """The error of the choice of the method itself; empty for none."""
        return gettext("Choose how to pay.") if self.is_bound and self.chosen is None else ""

    @property
    def reference(self) -> Mapping[str, str]:
        """The part of a valid form to remember."""
        assert self.chosen is not None
        return self.chosen.method.get_reference(self.chosen.form.cleaned_data)

    def refuse(self, sentence: str) -> None:
        """Put an error at the first field of the chosen method, if it is still on offer."""
        if self.chosen is None:
            return
        name = next(iter(self.chosen.form.fields))
        self.chosen.refusals.setdefault(name, []).append(sentence)

    def list_errors(self) -> list[tuple[str, str]]:
        """Every error with the id of what it is about, for the summary above the form."""
        errors = [(f"tp-{CHOICE}", self.choice_error)] if self.choice_error else []
        fields = self.chosen.fields if self.chosen else []
        return errors + [(item.id, text) for item in fields for text in item.errors]
