"""Finish: paying and enrolling, once, however often the form is sent."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from token_payments.catalogue import queries as catalogue_queries
from token_payments.checkout import operations as checkout_operations
from token_payments.errors import ChoiceRefused, IdempotencyConflict, NotOffered
from token_payments.models import Redemption
from token_payments.portal import session
from token_payments.portal.payment import make_form, refuse_choice, sign_in
from token_payments.portal.refusals import portal_page
from token_payments.presenters.once import KEY, read_key
from token_payments.throttling import guard_attempt


# Outside ATOMIC_REQUESTS: the payment's own transaction must be the outermost one, so that it can
# be repeated after a deadlock, and is committed before the browser is sent on.
@transaction.non_atomic_requests
@portal_page
def finish(request: HttpRequest, item_key: str) -> HttpResponse:
    """Pay and enrol, then go to the receipt; the same form sent again finds the same receipt."""
    if not request.user.is_authenticated:
        return sign_in(item_key)
    nonce = read_key(request.POST.get(KEY, ""))
    # the session first: if the choice is gone from it, what paid with it is committed
    choice = session.recall(request, item_key)
    # it names the learner, so that nobody's form finds another's payment
    key = f"checkout:{request.user.pk}:{nonce}"
    rows = Redemption.objects.filter(learner_id=request.user.pk, item__item_key=item_key)
    paid = rows.filter(idempotency_key=key).first() if nonce else None
    if paid is not None:  # by this very form
        return redirect("token_payments:receipt", redemption_uuid=paid.uuid)
    if request.method != "POST" or choice is None or choice.nonce != nonce:
        return redirect("token_payments:review", item_key=item_key)
    try:
        with guard_attempt(request, choice.method):
            redemption = checkout_operations.redeem(
                learner=request.user,
                item_key=item_key,
                method=choice.method,
                reference=choice.reference,
                idempotency_key=key,
                now=timezone.now(),
            )
    except ChoiceRefused as error:
        offer = catalogue_queries.get_offer(item_key)
        form = make_form(request, offer, chosen=choice.method)
        return refuse_choice(request, offer, form, error)
    except IdempotencyConflict:
        session.forget(request, item_key)
        return redirect("token_payments:checkout", item_key=item_key)
    session.forget(request, item_key)
    return redirect("token_payments:receipt", redemption_uuid=redemption.uuid)


@transaction.non_atomic_requests
@portal_page
def enrol_again(request: HttpRequest, item_key: str) -> HttpResponse:
    """Enrol a learner whose earlier payment still counts; takes nothing."""
    if not request.user.is_authenticated or request.method != "POST":
        return redirect("token_payments:checkout", item_key=item_key)
    try:
        redemption = checkout_operations.enrol_again(learner=request.user, item_key=item_key)
    except NotOffered:
        return redirect("token_payments:checkout", item_key=item_key)
    return redirect("token_payments:receipt", redemption_uuid=redemption.uuid)
