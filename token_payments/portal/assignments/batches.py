"""How far the mails of one batch are, row by row, and sending those again that failed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from token_payments.assignments import operations as assignment_operations
from token_payments.assignments import queries as assignment_queries
from token_payments.hosts import host, list_name_relations
from token_payments.models import AssignmentBatch, CodeAssignment, MailState
from token_payments.portal.assignments.learners import TAB, find_obstacle, go_to_learners
from token_payments.portal.assignments.rows import describe, write_time
from token_payments.portal.order_page.access import Access, codes_page, order_url, render_order
from token_payments.portal.pages import get_page

PAGE = 100  # learners
SLOW = timedelta(minutes=2)  # mails that wait for longer may wait for a worker that isn't there
ORDER = (MailState.FAILED, MailState.SENDING, MailState.WAITING, MailState.SENT)


@codes_page
@require_safe
def batch(request: HttpRequest, access: Access, batch_id: int) -> HttpResponse:
    """The mails' progress and each learner's mail, those first that need somebody's attention."""
    found, now = _find(access, batch_id), timezone.now()
    progress = assignment_queries.measure_progress(found, now=now)
    page = get_page(request, _list_rows(found), PAGE)
    context: dict[str, Any] = {
        "batch": found,
        "facts": _write_facts(found),
        "progress": progress,
        "parts": _list_parts(progress),
        "obstacle": find_obstacle(access.order),
        "page": page,
        "lines": describe(list(page.object_list), now),
        "taken_back": found.quantity - progress.total,
        "needs_sending": progress.failed + progress.stale,
        "is_slow": _is_slow(found, progress, now),
    }
    return render_order(request, access, "assignments/batch.html", tab=TAB, **context)


@codes_page
@require_safe
def progress(_request: HttpRequest, access: Access, batch_id: int) -> HttpResponse:
    """The same numbers for the page's script."""
    measured = assignment_queries.measure_progress(_find(access, batch_id), now=timezone.now())
    return JsonResponse(
        {
            "waiting": measured.waiting,
            "sending": measured.sending,
            "sent": measured.sent,
            "failed": measured.failed,
            "stale": measured.stale,
            "needless": measured.needless,
            "total": measured.total,
            "is_done": measured.is_done,
        }
    )


@codes_page
def send_batch_again(request: HttpRequest, access: Access, batch_id: int) -> HttpResponse:
    """Have the mails sent that failed, whose fate is unknown, or that still wait."""
    found = _find(access, batch_id)
    if request.method == "POST":
        assignment_operations.send_batch_again(found, now=timezone.now())
    return redirect(order_url(access.order, "assignment_batch", batch_id=found.pk))


@codes_page
def send_again(request: HttpRequest, access: Access, assignment_id: int) -> HttpResponse:
    """The same for one learner."""
    assignment = find_assignment(access, assignment_id)
    if request.method != "POST":
        return redirect(order_url(access.order, TAB))
    is_waiting = assignment_operations.send_again(assignment.pk, now=timezone.now())
    return go_to_learners(request, access.order, "queued" if is_waiting else "not_queued")


def find_assignment(access: Access, assignment_id: int) -> CodeAssignment:
    """An assignment of this very order, live or not. Raises Http404."""
    rows = CodeAssignment.objects.filter(batch__order=access.order).select_related("code")
    return get_object_or_404(rows, pk=assignment_id)


def _find(access: Access, batch_id: int) -> AssignmentBatch:
    rows = AssignmentBatch.objects.filter(order=access.order)
    return get_object_or_404(rows.select_related(*list_name_relations("actor")), pk=batch_id)


def _list_rows(batch: AssignmentBatch) -> QuerySet[CodeAssignment]:
    places = [When(mail_state=state, then=Value(place)) for place, state in enumerate(ORDER)]
    rows = batch.assignments.filter(live=True).select_related("code")
    place: Any = Case(*places, output_field=IntegerField())
    return rows.order_by(place, "id")


def _write_facts(batch: AssignmentBatch) -> str:
    facts = {
        "name": host.get_full_name(batch.actor),
        "time": write_time(batch.created_at),
    }
    return gettext("by %(name)s, %(time)s") % facts


def _list_parts(progress: assignment_queries.MailProgress) -> list[tuple[str, int, str]]:
    """The parts of the bar, by the names that ``progress`` has for them."""
    return [
        ("sent", progress.sent, gettext("sent")),
        ("sending", progress.sending, gettext("being sent")),
        ("waiting", progress.waiting, gettext("waiting")),
        ("stale", progress.stale, gettext("not known")),
        ("failed", progress.failed, gettext("could not be sent")),
        ("needless", progress.needless, gettext("not needed")),
    ]


def _is_slow(
    batch: AssignmentBatch, progress: assignment_queries.MailProgress, now: datetime
) -> bool:
    return bool(progress.waiting) and batch.created_at <= now - SLOW
