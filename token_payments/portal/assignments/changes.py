"""What is done to tokens that learners have: reminding, giving to somebody else, taking back."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from token_payments import tasks
from token_payments.assignments import operations as assignment_operations
from token_payments.assignments import queries as assignment_queries
from token_payments.errors import IdempotencyConflict, InvalidTransition, ListChanged
from token_payments.models import CodeAssignment, CodeStatus
from token_payments.portal.assignments.batches import find_assignment
from token_payments.portal.assignments.forms import ReassignForm
from token_payments.portal.assignments.learners import TAB, find_obstacle, learners_url
from token_payments.portal.order_page.access import order_url, render_order
from token_payments.portal.order_page.code_pages import codes_page
from token_payments.presenters.refusals import Audience, describe_refusal


@codes_page
@require_http_methods(["GET", "HEAD", "POST"])
def remind(request: HttpRequest, access: assignment_queries.OrderAccess) -> HttpResponse:
    """Ask, saying how many get a mail; after *Yes* have them reminded."""
    order, now = access.order, timezone.now()
    if find_obstacle(order):
        return redirect(learners_url(order))
    if request.method != "POST":
        count = assignment_queries.find_remindable(order, now).count()
        if not count:
            return redirect(learners_url(order, "nobody"))
        return render_order(request, access, "assignments/remind.html", tab=TAB, count=count)
    try:
        reminded = assignment_operations.remind(order.pk, actor=request.user, now=now)
    except InvalidTransition:
        return redirect(learners_url(order, "not_givable"))
    if not reminded:
        return redirect(learners_url(order, "nobody"))
    tasks.queue_assignment_mails(order.pk)
    return redirect(learners_url(order, "reminded", number=len(reminded)))


@codes_page
@require_http_methods(["GET", "HEAD", "POST"])
def reassign(
    request: HttpRequest, access: assignment_queries.OrderAccess, assignment_id: int
) -> HttpResponse:
    """Ask who gets the token instead; POST gives it, and has the new learner mailed."""
    order, assignment = access.order, find_assignment(access, assignment_id)
    if request.method != "POST":
        initial = {"key": uuid.uuid4(), "is_open": "1" if assignment.is_open else ""}
        return _show_reassign(request, access, assignment, ReassignForm(initial=initial))
    form = ReassignForm(request.POST)
    if not form.is_valid():
        return _show_reassign(request, access, assignment, form)
    [row] = assignment_queries.read_one(form.cleaned_data["name"], form.cleaned_data["email"])
    try:
        batch = assignment_operations.reassign_to(
            assignment.pk,
            row,
            is_open=bool(form.cleaned_data["is_open"]),
            actor=request.user,
            idempotency_key=form.cleaned_data["key"].hex,
            now=timezone.now(),
        )
    except ListChanged as error:
        form.add_error("email", describe_refusal(error, audience=Audience.CUSTOMER).text)
        return _show_reassign(request, access, assignment, form)
    except (InvalidTransition, IdempotencyConflict) as error:
        return redirect(learners_url(order, _name_refusal(error)))
    tasks.queue_assignment_mails(order.pk)
    return redirect(order_url(order, "assignment_batch", batch_id=batch.pk))


@codes_page
@require_http_methods(["GET", "HEAD", "POST"])
def take_back(
    request: HttpRequest, access: assignment_queries.OrderAccess, assignment_id: int
) -> HttpResponse:
    """Ask; after *Yes* the code dies, and a new one that is nobody's is in its place."""
    order, assignment = access.order, find_assignment(access, assignment_id)
    if request.method == "POST":
        try:
            assignment_operations.revoke(assignment.pk, actor=request.user, now=timezone.now())
        except InvalidTransition as error:
            return redirect(learners_url(order, _name_refusal(error)))
        return redirect(learners_url(order, "taken_back"))
    refusal = _refuse(assignment)
    if refusal:
        return redirect(learners_url(order, refusal))
    context: dict[str, Any] = {"assignment": assignment}
    return render_order(request, access, "assignments/take_back.html", tab=TAB, **context)


def _show_reassign(
    request: HttpRequest,
    access: assignment_queries.OrderAccess,
    assignment: CodeAssignment,
    form: ReassignForm,
) -> HttpResponse:
    refusal = _refuse(assignment) or ("not_givable" if find_obstacle(access.order) else "")
    if refusal:
        return redirect(learners_url(access.order, refusal))
    context: dict[str, Any] = {
        "assignment": assignment,
        "form": form,
        "errors": form.list_errors() if form.is_bound else [],
    }
    return render_order(request, access, "assignments/reassign.html", tab=TAB, **context)


def _refuse(assignment: CodeAssignment) -> str:
    """Why the token can't be taken away, as a word of texts.DONE."""
    if not assignment.live:
        return "ended"
    return "" if assignment.code.status == CodeStatus.AVAILABLE else "redeemed"


def _name_refusal(error: Any) -> str:
    if isinstance(error, IdempotencyConflict):
        return "conflict"
    if error.state == "ended":
        return "ended"
    return "not_givable" if error.operation == "assign" else "redeemed"
