"""The common part of the pages before the payment: offer, form, checking a choice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from token_payments.catalogue import queries as catalogue_queries
from token_payments.checkout import queries as checkout_queries
from token_payments.errors import ChoiceRefused, CodeMistyped, CodeNotRedeemable
from token_payments.hosts.people import get_user
from token_payments.l10n.formats import format_money
from token_payments.models import WALLET_METHOD, TokenOrder
from token_payments.portal import session
from token_payments.portal.formats import write_last_day, write_token_prices
from token_payments.portal.forms import PaymentForm
from token_payments.portal.pages import render_page
from token_payments.presenters.refusals import Audience, describe_refusal
from token_payments.throttling import guard_attempt

MISTYPED = "mistyped"  # in the address after a link whose code can't be one


def check_choice(
    request: HttpRequest, item_key: str, choice: session.Choice
) -> checkout_queries.Review:
    with guard_attempt(request, choice.method):
        return checkout_queries.review(
            learner=get_user(request),
            item_key=item_key,
            method=choice.method,
            reference=choice.reference,
            now=timezone.now(),
        )


def make_form(
    request: HttpRequest,
    offer: catalogue_queries.Offer,
    *,
    data: Mapping[str, Any] | None = None,
    chosen: str | None = None,
) -> PaymentForm:
    """The form for this visitor, as chosen before unless ``chosen`` names a method."""
    choice = session.recall(request, offer.item.item_key)
    if choice is None or chosen not in (None, choice.method):
        remembered: Mapping[str, str] = {}
    else:
        chosen, remembered = choice.method, choice.reference
    return PaymentForm(
        offer,
        learner=request.user,
        now=timezone.now(),
        data=data,
        chosen=chosen,
        remembered=remembered,
    )


def refuse_choice(
    request: HttpRequest, offer: catalogue_queries.Offer, form: PaymentForm, error: ChoiceRefused
) -> HttpResponse:
    """The form again, with the reason at its field; what was refused is forgotten."""
    session.forget(request, offer.item.item_key)
    if isinstance(error, CodeNotRedeemable):
        form.refuse(_explain_code(request, error))
    else:
        form.refuse(describe_refusal(error, audience=Audience.LEARNER).text)
    return show_payment(request, offer, form)


def _explain_code(request: HttpRequest, error: CodeNotRedeemable) -> str:
    """Why the code is refused: the truth for those who may know it, one text for all others."""
    if error.order_id is None or not checkout_queries.may_know_reason(
        request.user, error.order_id, holder=error.holder
    ):
        return describe_refusal(error, audience=Audience.LEARNER).text
    order = TokenOrder.objects.select_related("item").get(pk=error.order_id)
    facts = {
        "order": order.number,
        "course": order.subject,
        "holder": mask_address(error.holder),
        "redeem_by": write_last_day(error.redeem_by) if error.redeem_by else "",
    }
    return describe_refusal(error, audience=Audience.CUSTOMER, **facts).text


def mask_address(address: str) -> str:
    """Enough to recognise an address that one knows: ``a•••@example.com``."""
    name, _at, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain}"


def show_payment(
    request: HttpRequest, offer: catalogue_queries.Offer, form: PaymentForm
) -> HttpResponse:
    if request.method == "GET" and MISTYPED in request.GET and form.chosen is not None:
        form.refuse(describe_refusal(CodeMistyped(), audience=Audience.LEARNER).text)
    choice = session.recall(request, offer.item.item_key)
    return render_page(
        request,
        "checkout/payment.html",
        form=form,
        errors=form.list_errors(),
        is_chosen=choice is not None and bool(choice.reference),
        **describe_offer(offer, checkout_queries.count_seats_left(offer)),
    )


def describe_offer(offer: catalogue_queries.Offer, seats_left: int | None) -> dict[str, Any]:
    token_prices = (
        catalogue_queries.list_token_prices(offer.item) if WALLET_METHOD in offer.methods else []
    )
    in_money = offer.price if offer.methods != {WALLET_METHOD} else None
    return {
        "item_key": offer.item.item_key,
        "host_item": offer.host_item,
        "title": offer.host_item.title,
        "price": format_money(in_money.amount, in_money.currency) if in_money else "",
        "token_prices": write_token_prices(token_prices),
        "seats_left": seats_left,
    }


def sign_in(item_key: str) -> HttpResponse:
    """To the LMS's sign-in, and from there to Review: what was chosen is in the session."""
    return redirect_to_login(reverse("token_payments:review", kwargs={"item_key": item_key}))
