"""Changes of learners' tokens: reminding, giving to somebody else, taking back."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import ngettext

from token_payments.assignments import operations as assignment_operations
from token_payments.assignments import queries as assignment_queries
from token_payments.errors import IdempotencyConflict, InvalidTransition, ListChanged
from token_payments.hosts.people import get_user
from token_payments.l10n.formats import format_number
from token_payments.models import CodeAssignment, CodeStatus
from token_payments.portal.assignments.batches import find_assignment
from token_payments.portal.assignments.forms import ReassignForm
from token_payments.portal.assignments.learners import (
    TAB,
    find_obstacle,
    go_to_learners,
)
from token_payments.portal.order_page.access import Access, codes_page, order_url, render_order
from token_payments.portal.pages import go_and_tell
from token_payments.presenters.refusals import Audience, describe_refusal


@codes_page
def remind(request: HttpRequest, access: Access) -> HttpResponse:
    """Ask, saying how many get a mail; after *Yes* have them reminded."""
    order, now = access.order, timezone.now()
    if find_obstacle(order):
        return redirect(order_url(order, TAB))
    if request.method != "POST":
        count = assignment_queries.list_remindable(order, now).count()
        if not count:
            return go_to_learners(request, order, "nobody")
        return render_order(request, access, "assignments/remind.html", tab=TAB, count=count)
    try:
        reminded = assignment_operations.remind(order.pk, actor=get_user(request), now=now)
    except InvalidTransition:
        return go_to_learners(request, order, "not_givable")
    if not reminded:
        return go_to_learners(request, order, "nobody")
    text = ngettext(
        "%(number)s learner is being reminded by e-mail.",
        "%(number)s learners are being reminded by e-mail.",
        len(reminded),
    )
    said = text % {"number": format_number(len(reminded))}
    return go_and_tell(request, order_url(order, TAB), said)


@codes_page
def reassign(request: HttpRequest, access: Access, assignment_id: int) -> HttpResponse:
    """Ask who gets the token instead; POST gives it, and has the new learner mailed."""
    order, assignment = access.order, find_assignment(access, assignment_id)
    if request.method != "POST":
        initial = {"is_open": "1" if assignment.is_open else ""}
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
            actor=get_user(request),
            idempotency_key=form.cleaned_data["idempotency_key"],
            now=timezone.now(),
        )
    except ListChanged as error:
        form.add_error("email", describe_refusal(error, audience=Audience.CUSTOMER).text)
        return _show_reassign(request, access, assignment, form)
    except (InvalidTransition, IdempotencyConflict) as error:
        return go_to_learners(request, order, _name_refusal(error))
    return redirect(order_url(order, "assignment_batch", batch_id=batch.pk))


@codes_page
def take_back(request: HttpRequest, access: Access, assignment_id: int) -> HttpResponse:
    """Ask; after *Yes* the code dies, and a new one that is nobody's is in its place."""
    order, assignment = access.order, find_assignment(access, assignment_id)
    if request.method == "POST":
        try:
            assignment_operations.revoke(assignment.pk, actor=get_user(request), now=timezone.now())
        except InvalidTransition as error:
            return go_to_learners(request, order, _name_refusal(error))
        return go_to_learners(request, order, "taken_back")
    refusal = _refuse(assignment)
    if refusal:
        return go_to_learners(request, order, refusal)
    context: dict[str, Any] = {"assignment": assignment}
    return render_order(request, access, "assignments/take_back.html", tab=TAB, **context)


def _show_reassign(
    request: HttpRequest,
    access: Access,
    assignment: CodeAssignment,
    form: ReassignForm,
) -> HttpResponse:
    refusal = _refuse(assignment) or ("not_givable" if find_obstacle(access.order) else "")
    if refusal:
        return go_to_learners(request, access.order, refusal)
    context: dict[str, Any] = {
        "assignment": assignment,
        "form": form,
        "errors": form.list_errors(),
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
