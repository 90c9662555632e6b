"""Using a token that was assigned to the visitor, and showing its code."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from token_payments.assignments import operations as assignment_operations
from token_payments.assignments import queries as assignment_queries
from token_payments.checkout import queries as checkout_queries
from token_payments.errors import ConfigurationError
from token_payments.models import TOKEN_CODE_METHOD, CodeAssignment
from token_payments.portal import session
from token_payments.portal.own_codes.listing import REFUSED, show_list
from token_payments.portal.pages import go_and_tell, tell
from token_payments.portal.tokens.access import tokens_page


@tokens_page
def use_code(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """Choose the token to pay with, and go on to Review: nothing is taken before Finish.

    The code itself goes nowhere: what the session keeps is what it would of an entered one.
    """
    assignment = _find(request, assignment_id)
    if request.method != "POST":
        return redirect("token_payments:own_codes")
    if assignment is None:
        return _refuse(request)
    item_key = assignment.code.order.course.item_key
    reference = checkout_queries.refer_to_code(assignment.code)
    session.remember(request, item_key, method=TOKEN_CODE_METHOD, reference=reference)
    return redirect("token_payments:review", item_key=item_key)


@tokens_page
def show_code(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """The list with this code in full, logged for whoever looks after its order."""
    assignment = _find(request, assignment_id)
    if request.method != "POST":
        return redirect("token_payments:own_codes")
    if assignment is None:
        return _refuse(request)
    try:
        code = assignment_operations.reveal_own_code(
            assignment, user=request.user, now=timezone.now()
        )
    except ConfigurationError:
        tell(request, REFUSED["unshowable"], level=messages.ERROR)
        return show_list(request, status=503)
    return show_list(request, codes={assignment.pk: code})


def _find(request: HttpRequest, assignment_id: int) -> CodeAssignment | None:
    """The visitor's, if it can be used now. Raises Http404 for what was never the visitor's."""
    now = timezone.now()
    found = assignment_queries.find_own_code(request.user, assignment_id, now=now)
    if found is None and not _was_own(request, assignment_id):
        raise Http404
    return found


def _was_own(request: HttpRequest, assignment_id: int) -> bool:
    past = assignment_queries.list_own_codes(request.user, now=timezone.now()).past
    return any(each.pk == assignment_id for each in past)


def _refuse(request: HttpRequest) -> HttpResponse:
    address = reverse("token_payments:own_codes")
    return go_and_tell(request, address, REFUSED["gone"], level=messages.ERROR)
