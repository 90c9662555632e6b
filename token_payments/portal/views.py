"""Payment and Review: choosing how to pay, and looking at it before anything is taken."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from token_payments import errors
from token_payments.catalogue import queries as catalogue_queries
from token_payments.checkout import queries as checkout_queries
from token_payments.hosts import host
from token_payments.models import TOKEN_CODE_METHOD
from token_payments.portal import session
from token_payments.portal.formats import write_start
from token_payments.portal.forms import CHOICE, PaymentForm
from token_payments.portal.pages import render_page
from token_payments.portal.payment import (
    MISTYPED,
    check_choice,
    describe_offer,
    make_form,
    refuse_choice,
    show_payment,
    sign_in,
)
from token_payments.portal.refusals import portal_page
from token_payments.presenters.once import sign_key

LINK_FIELD = "code"  # of a Token Code's form; what ?code= in a link fills in


@portal_page
def checkout(request: HttpRequest, item_key: str) -> HttpResponse:
    """Payment: what the course costs and how to pay. POST remembers the choice and goes to Review.

    Visitors who aren't signed in may choose; nothing that they enter is looked up before they are.
    """
    if LINK_FIELD in request.GET:
        return _exchange_link(request, item_key)
    offer = catalogue_queries.get_offer(item_key)
    _check_visitor(request, offer)
    data = request.POST if request.method == "POST" else None
    form = make_form(request, offer, data=data, chosen=request.GET.get(CHOICE))
    if not form.options:
        raise errors.NotOffered(item_key)
    if request.method != "POST" or not form.is_valid():
        return show_payment(request, offer, form)
    choice = _remember(request, offer, form)
    if not request.user.is_authenticated:
        return sign_in(item_key)
    try:
        check_choice(request, item_key, choice)
    except errors.ChoiceRefused as error:
        return refuse_choice(request, offer, form, error)
    return redirect("token_payments:review", item_key=item_key)


@portal_page
@require_safe
def review(request: HttpRequest, item_key: str) -> HttpResponse:
    """Everything that Finish would do, checked, and the form that does it."""
    if not request.user.is_authenticated:
        return sign_in(item_key)
    choice = session.recall(request, item_key)
    if choice is None:
        return redirect("token_payments:checkout", item_key=item_key)
    try:
        reviewed = check_choice(request, item_key, choice)
    except errors.WalletNotChosen:
        # whoever chose tokens before signing in could not choose an account yet: that is no error
        session.forget(request, item_key)
        address = reverse("token_payments:checkout", kwargs={"item_key": item_key})
        return redirect(f"{address}?{CHOICE}={choice.method}")
    except errors.ChoiceRefused as error:
        offer = catalogue_queries.get_offer(item_key)
        form = make_form(request, offer, chosen=choice.method)
        return refuse_choice(request, offer, form, error)
    mode = reviewed.offer.host_item.get_mode(reviewed.offer.mode)
    return render_page(
        request,
        "checkout/review.html",
        quote=reviewed.quote,
        quote_template=reviewed.method.quote_template,
        mode=mode.name if mode else reviewed.offer.mode,
        learner=request.user,
        learner_name=host.get_full_name(request.user),
        starts=write_start(reviewed.offer.host_item),
        idempotency_key=sign_key(choice.nonce),
        **describe_offer(reviewed.offer, reviewed.seats_left),
    )


def _check_visitor(request: HttpRequest, offer: catalogue_queries.Offer) -> None:
    """Tell at once what would be refused anyway. Raises PaymentRefused."""
    if request.user.is_authenticated:
        checkout_queries.check_learner(offer, request.user)
    elif checkout_queries.count_seats_left(offer) == 0:
        raise errors.NoSeats(offer.item.item_key)


def _exchange_link(request: HttpRequest, item_key: str) -> HttpResponse:
    """Take the code out of the address at once: remember its reference, and go to a clean one.

    Whatever is refused is told there.
    """
    address = reverse("token_payments:checkout", kwargs={"item_key": item_key})
    try:
        offer = catalogue_queries.get_offer(item_key)
    except (errors.ItemNotFound, errors.PaymentRefused):
        return redirect(address)
    data = {CHOICE: TOKEN_CODE_METHOD, f"{TOKEN_CODE_METHOD}-{LINK_FIELD}": request.GET[LINK_FIELD]}
    form = make_form(request, offer, data=data)
    if not form.is_valid():
        return redirect(f"{address}?{MISTYPED}")
    _remember(request, offer, form)
    if not request.user.is_authenticated:
        return sign_in(item_key)
    return redirect("token_payments:review", item_key=item_key)


def _remember(
    request: HttpRequest, offer: catalogue_queries.Offer, form: PaymentForm
) -> session.Choice:
    assert form.chosen is not None
    return session.remember(
        request, offer.item.item_key, method=form.chosen.method.slug, reference=form.reference
    )
