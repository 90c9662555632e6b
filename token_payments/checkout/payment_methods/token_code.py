"""Paying with a Token Code: single use, bought through a Token Order for one catalogue item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.assignments.access import find_assigned_address, find_code_with_holder
from token_payments.assignments.own_codes import has_address
from token_payments.catalogue.models import TOKEN_CODE_METHOD
from token_payments.catalogue.queries import Offer
from token_payments.checkout.code_returns import return_code
from token_payments.checkout.models import Redemption
from token_payments.checkout.payment_methods.base import PaymentMethod, PaymentQuote, Reference
from token_payments.db.prepared import insert_row
from token_payments.errors import CodeMistyped, CodeNotRedeemable
from token_payments.hosts.base import User, Visitor
from token_payments.orders import codes
from token_payments.orders.models import CodeStatus, OrderStatus, TokenCode
from token_payments.orders.states import advance_code


class TokenCodeForm(forms.Form):
    """One field: the code, in whatever spelling."""

    code = forms.CharField(
        label=_("Token Code"),
        max_length=80,
        strip=True,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "placeholder": "XXXX-XXXX-XXXX-XXXXX",
            }
        ),
        error_messages={"required": _("Enter your Token Code.")},
    )

    def clean_code(self) -> str:
        try:
            return codes.normalise(self.cleaned_data["code"])
        except CodeMistyped as error:
            raise forms.ValidationError(
                _(
                    "There is a typing error in this code. A Token Code has 17 letters and digits, "
                    "like 7KQ2-M4ZD-W9TX-3VBNC. Check it and try again."
                ),
                code=CodeMistyped.reason,
            ) from error


@dataclass(frozen=True)
class TokenCodeQuote(PaymentQuote):
    """The very code that would be redeemed."""

    code: TokenCode | None = None


class TokenCodePayment(PaymentMethod):
    slug: ClassVar[str] = TOKEN_CODE_METHOD
    label: ClassVar[Any] = _("Token Code")
    looks_up_secrets: ClassVar[bool] = True

    def make_form(
        self,
        offer: Offer,
        *,
        learner: Visitor,
        now: datetime,
        data: Mapping[str, Any] | None = None,
        prefix: str | None = None,
    ) -> TokenCodeForm:
        # a browser would not send the page for want of a code when another method is chosen
        return TokenCodeForm(data, prefix=prefix, use_required_attribute=False)

    def get_reference(self, cleaned_data: Mapping[str, Any]) -> Reference:
        """The hashes that the code may be stored under: they find it but don't tell it."""
        return {"hashes": ",".join(codes.hash_with_all_keys(cleaned_data["code"]))}

    def quote(
        self, offer: Offer, *, learner: User, actor: User, reference: Reference, now: datetime
    ) -> TokenCodeQuote:
        hashes = reference.get("hashes")
        found = find_code_with_holder(hashes.split(",")) if hashes else None
        if found is None:
            raise CodeNotRedeemable("unknown")
        code, holder = found
        reason = _find_obstacle(code, offer, now, learner=learner, holder=holder)
        if reason:
            raise CodeNotRedeemable(
                reason,
                order_id=code.order_id,
                redeem_by=code.order.redeem_by,
                holder=holder or find_assigned_address(code),
            )
        return TokenCodeQuote(
            description=gettext("Token Code ending in %(last_four)s")
            % {"last_four": code.last_four},
            group_name=code.order.group_name,
            code=code,
        )

    def reserve(self, redemption: Redemption, quote: PaymentQuote, *, with_locks: bool) -> None:
        """Take the code, then save the redemption.

        In this order, since the new row's foreign key locks the code's row shared on MySQL: two
        learners with one code would both hold that lock and then wait for each other.
        """
        assert isinstance(quote, TokenCodeQuote)
        code = quote.code
        assert code is not None
        if not advance_code(code.pk, "redeem"):
            status = CodeStatus(TokenCode.objects.only("status").get(pk=code.pk).status)
            raise CodeNotRedeemable(_STATUS_REASONS[status], order_id=code.order_id)
        redemption.code = code
        insert_row(redemption)

    def give_back(
        self, redemption: Redemption, *, actor: User | None, reason: str, now: datetime
    ) -> None:
        return_code(redemption, actor=actor, reason=reason, now=now)

    def matches(self, redemption: Redemption, reference: Reference) -> bool:
        code = redemption.code
        return code is not None and code.code_hash in reference.get("hashes", "").split(",")


_STATUS_REASONS = {
    CodeStatus.REDEEMED: "used",
    CodeStatus.CANCELLED: "cancelled",
    CodeStatus.REPLACED: "cancelled",
}


def _find_obstacle(
    code: TokenCode, offer: Offer, now: datetime, *, learner: User, holder: str
) -> str | None:
    """Why the code can't pay for the learner's offer now; None when it can.

    ``holder`` is the address that alone may redeem it, "" for a code that is everybody's. Anybody
    can sign up with the holder's address: it has to be confirmed.
    """
    order = code.order
    if code.status in _STATUS_REASONS:
        return _STATUS_REASONS[CodeStatus(code.status)]
    if order.status != OrderStatus.PROCESSED:
        return "cancelled" if order.status == OrderStatus.CANCELLED else "order_not_processed"
    if order.item_id != offer.item.pk:
        return "wrong_course"
    if order.redeem_by is not None and now >= order.redeem_by:
        return "past_redeem_by"
    if holder and not has_address(learner, holder):
        return "assigned"
    return "unconfirmed" if holder and not learner.is_active else None


def refer_to_text(text: str) -> Reference:
    """The reference that pays with a code as a person or a program wrote it, in whatever spelling.

    Raises CodeMistyped when no code can be meant by it.
    """
    return {"hashes": ",".join(codes.hash_with_all_keys(codes.normalise(text)))}


def refer_to_code(code: TokenCode) -> Reference:
    """The reference that pays with this very code: as if it had been entered."""
    return {"hashes": code.code_hash}
