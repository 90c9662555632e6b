"""Beginning a bulk job: a form, what would become of each row, and then it is begun, once."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext

from token_payments import errors
from token_payments.admin.bulk.forms import AssignForm, JobListForm, RedeemForm
from token_payments.admin.pages import go_to, may_add, render_page
from token_payments.assignments import queries as assignment_queries
from token_payments.bulk import operations as bulk_operations
from token_payments.bulk import queries as bulk_queries
from token_payments.db.numbers import read_number
from token_payments.hosts.people import get_user
from token_payments.l10n.formats import format_number
from token_payments.models import BulkJob, CatalogueItem
from token_payments.presenters.refusals import Audience, describe_reason, describe_refusal

MAX_CARRIED = 2_000_000  # bytes that a preview may carry on: Django takes 2.5 MB of fields
CONFIRM, EDIT = "confirm", "edit"  # the preview's buttons
AGREED = "agreed"  # the field with the price that the preview had
SHOWN = 200  # rows of each kind that the preview has
REDEEM, ASSIGN = "token_payments.add_redemption", "token_payments.change_tokenorder"
Begin = Callable[[dict[str, Any], HttpRequest], BulkJob]
Look = Callable[[dict[str, Any], HttpRequest], dict[str, Any]]


def redeem(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Pay for members of an account."""
    title = gettext("Pay for members")
    return _serve(model_admin, request, RedeemForm, title, _look_at_payments, _begin_redeeming)


def assign(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Give an order's tokens to learners."""
    title = gettext("Assign tokens")
    return _serve(model_admin, request, AssignForm, title, _look_at_list, _begin_assigning)


def may_redeem(model_admin: Any, request: HttpRequest, _row: Any = None) -> bool:
    """Whoever may begin jobs, and may pay for anybody one by one."""
    return may_add(model_admin, request) and request.user.has_perm(REDEEM)


def may_assign(model_admin: Any, request: HttpRequest, _row: Any = None) -> bool:
    return may_add(model_admin, request) and request.user.has_perm(ASSIGN)


def _serve(
    model_admin: Any,
    request: HttpRequest,
    form_class: type[JobListForm],
    title: str,
    look: Look,
    begin: Begin,
) -> HttpResponse:
    posted = request.method == "POST"
    form = form_class(request.POST if posted else None, request.FILES if posted else None)
    if posted and EDIT in request.POST:
        form = form_class(initial=request.POST.dict())
    elif posted and form.is_valid():
        try:
            if CONFIRM in request.POST:
                return _begin(request, begin(form.cleaned_data, request))
            context = look(form.cleaned_data, request)
        except errors.TokenPaymentsError as error:
            form.add_error(None, _explain(error))
        else:
            if len(_pack(form.cleaned_data["rows"]).encode()) > MAX_CARRIED:
                too_big = describe_refusal(
                    errors.ListUnreadable("too_big"), audience=Audience.STAFF
                )
                form.add_error("file", too_big.text)
                return _show_form(model_admin, request, form, title)
            context |= {"title": title, "hidden": _carry(form), "form": form}
            return render_page(model_admin, request, "preview", folder="bulkjob", **context)
    return _show_form(model_admin, request, form, title)


def _show_form(
    model_admin: Any, request: HttpRequest, form: JobListForm, title: str
) -> HttpResponse:
    return render_page(model_admin, request, "begin", folder="bulkjob", title=title, form=form)


def _begin(request: HttpRequest, job: BulkJob) -> HttpResponse:
    messages.success(request, gettext("The job has begun. You may leave this page: it goes on."))
    return go_to(job)


def _begin_redeeming(wanted: dict[str, Any], request: HttpRequest) -> BulkJob:
    """Raises TokenPriceChanged when the preview had another price."""
    agreed, tokens = read_number(request.POST.get(AGREED, "")), wanted["tokens"]
    if agreed != tokens:
        raise errors.TokenPriceChanged(agreed=agreed or 0, now=tokens)
    return bulk_operations.start_redeeming(
        actor=get_user(request),
        wallet=wanted["wallet"],
        item_key=wanted["item"].item_key,
        tokens=wanted["tokens"],
        names=wanted["rows"],
        idempotency_key=wanted["idempotency_key"],
        now=timezone.now(),
    )


def _begin_assigning(wanted: dict[str, Any], request: HttpRequest) -> BulkJob:
    return bulk_operations.start_assigning(
        actor=get_user(request),
        order_id=wanted["order"].pk,
        recipients=[row.recipient for row in wanted["rows"]],
        is_open=bool(wanted["is_open"]),
        idempotency_key=wanted["idempotency_key"],
        now=timezone.now(),
    )


def _look_at_payments(wanted: dict[str, Any], request: HttpRequest) -> dict[str, Any]:
    preview = bulk_queries.preview_redeeming(
        actor=get_user(request),
        wallet=wanted["wallet"],
        item_key=wanted["item"].item_key,
        tokens=wanted["tokens"],
        names=wanted["rows"],
        now=timezone.now(),
    )
    lines = [
        (row.number, row.entered, row.who if row.who != row.entered else "", row.reason)
        for row in preview.rows
    ]
    figures = [
        (gettext("Account"), wanted["wallet"].account),
        (gettext("Course"), name_course(wanted["item"])),
        (gettext("Are paid for"), _count(preview.payable, len(lines))),
        (gettext("Cost"), f"{format_number(preview.cost)} {wanted['wallet'].token_type}"),
        (gettext("To spend"), format_number(preview.available)),
    ]
    return {"figures": figures, **_group(lines)}


def _look_at_list(wanted: dict[str, Any], _request: HttpRequest) -> dict[str, Any]:
    order, now = wanted["order"], timezone.now()
    assignment_queries.check_givable(order, now)
    judged = assignment_queries.preview_list(order, wanted["rows"], now=now)
    lines = [
        (
            row.line,
            row.email,
            row.name,
            "" if row.verdict == assignment_queries.Verdict.OK else row.verdict.value,
        )
        for row in judged
    ]
    good = sum(not line[3] for line in lines)
    figures = [
        (gettext("Token Order"), order.number),
        (gettext("Course"), name_course(order.course)),
        (gettext("Get a token"), _count(good, len(lines))),
        (gettext("Unassigned tokens"), format_number(assignment_queries.count_unassigned(order))),
    ]
    return {"figures": figures, **_group(lines)}


def _group(lines: Sequence[tuple[int, str, str, str]]) -> dict[str, Any]:
    """Those that something is in the way of first, with what that is; each kind up to SHOWN."""
    refused = [
        (number, who, more, describe_reason(reason))
        for number, who, more, reason in lines
        if reason
    ]
    good = [line[:3] for line in lines if not line[3]]
    return {
        "refused": refused[:SHOWN],
        "refused_more": max(0, len(refused) - SHOWN),
        "refused_count": len(refused),
        "good": good[:SHOWN],
        "good_more": max(0, len(good) - SHOWN),
        "good_count": len(good),
    }


def name_course(item: CatalogueItem) -> str:
    return str(item.title or item.item_key)


def _count(number: int, total: int) -> str:
    text = gettext("%(number)s of %(total)s rows")
    return text % {"number": format_number(number), "total": format_number(total)}


def _carry(form: JobListForm) -> list[tuple[str, str]]:
    """The values that the preview's form carries on; the file's rows as if they were pasted."""
    names = [name for name in form.fields if name not in ("file", "pasted")]
    return [
        *((name, form.data.get(name, "")) for name in names),
        ("pasted", _pack(form.cleaned_data["rows"])),
        (AGREED, str(form.cleaned_data.get("tokens", ""))),
    ]


def _pack(rows: Iterable[Any]) -> str:
    """As a list that reads as these rows again, whatever they are called."""
    cells = [[row] if isinstance(row, str) else [row.name, row.email] for row in rows]
    if len(cells[0]) == 1:
        cells.insert(0, ["member"])  # a heading, as a user name could be taken for one
    is_plain = not any(";" in cell for line in cells for cell in line)
    lines = io.StringIO()
    writer = csv.writer(lines, quoting=csv.QUOTE_MINIMAL if is_plain else csv.QUOTE_ALL)
    writer.writerows([[cell for cell in line if cell] for line in cells])
    return lines.getvalue()


def _explain(error: errors.TokenPaymentsError) -> str:
    told = describe_refusal(error, audience=Audience.STAFF)
    if isinstance(error, errors.IdempotencyConflict):
        return told.text
    return gettext("Nothing was begun. %(why)s.") % {"why": told.title}
