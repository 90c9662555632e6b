"""The port to a payment method: what the checkout asks of it.

A method is one class in one file, registered by its dotted path in ``TOKEN_PAYMENTS
["PAYMENT_METHODS"]``. It says what a learner has to fill in, what that would take, and takes it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms

from token_payments.catalogue.queries import Offer
from token_payments.hosts.base import User, Visitor

if TYPE_CHECKING:
    from token_payments.checkout.models import Redemption

#: What was chosen at checkout, as short texts that may be kept in a session: never a secret.
Reference = Mapping[str, str]


@dataclass(frozen=True)
class PaymentQuote:
    """The payment that would be taken: ``description`` is one line for the Review page.

    ``group_name`` is the group of the course that the learner joins by it; "" for none.
    """

    description: str
    group_name: str = ""


class PaymentMethod(ABC):
    """A way to pay. Instances hold no state; ``slug`` is stored and never changes.

    The templates show what the method has to show; each has a default that will do for a method of
    a few plain fields. ``looks_up_secrets`` says that the reference is something to be guessed:
    refused attempts are counted then.
    """

    slug: ClassVar[str]
    label: ClassVar[Any]  # translated lazily
    looks_up_secrets: ClassVar[bool] = False
    #: Of the payment page; gets ``option`` (portal/forms.py) with the form.
    fields_template: ClassVar[str] = "token_payments/checkout/fields.html"
    #: Of the Review page, below its facts; gets ``quote``.
    quote_template: ClassVar[str] = ""
    #: Of the receipt, below its facts; gets ``redemption``.
    receipt_template: ClassVar[str] = ""

    @abstractmethod
    def make_form(
        self,
        offer: Offer,
        *,
        learner: Visitor,
        now: datetime,
        data: Mapping[str, Any] | None = None,
        prefix: str | None = None,
    ) -> forms.Form:
        """The form in which a learner pays for the offer. ``learner`` may be an anonymous user.

        A form whose attribute ``can_pay`` is False says why this learner can't pay like that: it
        is shown, but never chosen for the learner.
        """

    @abstractmethod
    def get_reference(self, cleaned_data: Mapping[str, Any]) -> Reference:
        """The part of a valid form to remember, without anything that would pay by itself."""

    @abstractmethod
    def quote(
        self, offer: Offer, *, learner: User, actor: User, reference: Reference, now: datetime
    ) -> PaymentQuote:
        """The cost of paying, taking nothing. ``actor`` pays for the learner, or is the learner.

        Raises PaymentRefused; its child ChoiceRefused when another choice may do.
        """

    @abstractmethod
    def reserve(self, redemption: Redemption, quote: PaymentQuote, *, with_locks: bool) -> None:
        """Save the new redemption and take what pays for it, in the running transaction.

        Decides by conditional UPDATEs, not by what ``quote`` saw. Raises PaymentRefused, or
        LostRace to be asked again from the start; ``with_locks`` tells that this happened before,
        so that locks are worth their price.
        """

    @abstractmethod
    def give_back(
        self, redemption: Redemption, *, actor: User | None, reason: str, now: datetime
    ) -> None:
        """Undo ``reserve`` for a redemption that is being reversed, in the running transaction.

        Once, also when it is called again. ``actor`` is None where no person acts.
        """

    @abstractmethod
    def matches(self, redemption: Redemption, reference: Reference) -> bool:
        """Whether an earlier redemption is the one that this reference asked for."""
