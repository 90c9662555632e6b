"""Giving tokens to learners: a list, a look at what each of them would get, and then doing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from token_payments import errors
from token_payments.assignments import operations as assignment_operations
from token_payments.assignments import queries as assignment_queries
from token_payments.hosts.people import get_user
from token_payments.portal.assignments import forms, learners
from token_payments.portal.order_page.access import Access, codes_page, order_url, render_order
from token_payments.portal.orders.cards import explain_places
from token_payments.presenters.csv_files import send_csv
from token_payments.presenters.refusals import VERDICTS, Audience, describe_refusal, describe_row

SHOWN = 200  # rows that get a token; those that don't are all shown
EDIT = "edit"  # the preview's button that leads back to the form
EXAMPLE = (
    ("Name", "E-mail"),
    ("Ann Lee", "ann.lee@example.com"),
    ("Ben Ode", "ben.ode@example.com"),
)


@codes_page
def give_tokens(request: HttpRequest, access: Access) -> HttpResponse:
    """The form; POST shows what each row would get, and gives nothing."""
    if learners.find_obstacle(access.order):
        return redirect(order_url(access.order, learners.TAB))
    if request.method != "POST":
        return _show_form(request, access, forms.ListForm(initial={"is_open": ""}))
    if EDIT in request.POST:
        return _show_form(request, access, forms.ListForm(initial=request.POST.dict()))
    form = forms.ListForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show_form(request, access, form)
    data = form.cleaned_data
    if len(forms.pack_rows(data["rows"]).encode()) > forms.MAX_CARRIED:
        told = describe_refusal(errors.ListUnreadable("too_big"), audience=Audience.CUSTOMER)
        form.add_error("file" if data["file"] else "pasted", told.text)
        return _show_form(request, access, form)
    rows = assignment_queries.preview_list(access.order, data["rows"], now=timezone.now())
    return _show_preview(request, access, rows, forms.ConfirmForm(), is_open=data["is_open"])


@codes_page
def confirm_tokens(request: HttpRequest, access: Access) -> HttpResponse:
    """Give the tokens, once, and have the mails sent; the preview again when it isn't true now."""
    order = access.order
    if request.method != "POST":
        return redirect(order_url(order, "give_tokens"))
    form = forms.ConfirmForm(request.POST)
    if not form.is_valid():
        return learners.go_to_learners(request, order, "expired_form")
    data = form.cleaned_data
    try:
        batch = assignment_operations.assign_list(
            order.pk,
            data["rows"],
            is_open=bool(data["is_open"]),
            actor=get_user(request),
            idempotency_key=data["idempotency_key"],
            now=timezone.now(),
        )
    except (errors.ListChanged, errors.NotEnoughUnused):
        rows = assignment_queries.preview_list(order, data["rows"], now=timezone.now())
        return _show_preview(
            request, access, rows, form, is_open=data["is_open"], note=learners.LIST_CHANGED
        )
    except errors.IdempotencyConflict:
        return learners.go_to_learners(request, order, "conflict")
    except errors.InvalidTransition:
        return learners.go_to_learners(request, order, "not_givable")
    return redirect(order_url(order, "assignment_batch", batch_id=batch.pk))


@codes_page
@require_safe
def example(_request: HttpRequest, _access: Access) -> HttpResponse:
    """A list as it may look."""
    return send_csv(EXAMPLE, "learners")


def _show_form(request: HttpRequest, access: Access, form: forms.ListForm) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "errors": form.list_errors(),
        "limit": assignment_queries.MAX_RECIPIENTS,
    } | learners.count_left(access.order)
    return render_order(request, access, "assignments/give.html", tab=learners.TAB, **context)


def _show_preview(
    request: HttpRequest,
    access: Access,
    rows: Sequence[assignment_queries.Row],
    form: forms.ConfirmForm,
    *,
    is_open: str,
    note: Any = "",
) -> HttpResponse:
    good = [row for row in rows if row.verdict == assignment_queries.Verdict.OK]
    bad = [row for row in rows if row.verdict != assignment_queries.Verdict.OK]
    context: dict[str, Any] = {
        "note": note,
        "good": good[:SHOWN],
        "given": len(good),
        "unshown": max(0, len(good) - SHOWN),
        "left_out": len(bad),
        "groups": _group(bad),
        "is_open": is_open,
        "packed": forms.pack_rows(good),
        "people": forms.pack_rows(rows),
        "one": rows[0] if len(rows) == 1 else None,
        "form": form,
        "places": explain_places(access.order.course, len(good), user=get_user(request))
        if good
        else "",
    }
    return render_order(request, access, "assignments/preview.html", tab=learners.TAB, **context)


def _group(rows: Sequence[assignment_queries.Row]) -> list[dict[str, Any]]:
    """The rows by what is wrong with them, with what to do about it."""
    groups = []
    for verdict in VERDICTS:
        found = [row for row in rows if row.verdict == verdict]
        if found:
            told = describe_row(verdict, audience=Audience.CUSTOMER)
            groups.append({"verdict": told.title, "advice": told.advice, "rows": found})
    return groups
