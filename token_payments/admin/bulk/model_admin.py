"""Bulk jobs: the list, and a page for each with its progress, its rows, and what can be done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.admin.base import SwitchedAdmin
from token_payments.admin.bulk.beginning import assign, may_assign, may_redeem, name_course, redeem
from token_payments.admin.formats import write_badge
from token_payments.admin.pages import (
    acting,
    go_to,
    listing,
    may_act,
    render_page,
    suggesting,
    viewing,
)
from token_payments.admin.suggestions import suggest_accounts
from token_payments.admin.wallets.texts import write_time
from token_payments.bulk import operations as bulk_operations
from token_payments.bulk import queries as bulk_queries
from token_payments.errors import InvalidTransition
from token_payments.hosts import host
from token_payments.hosts.people import get_user
from token_payments.l10n.formats import format_number
from token_payments.models import BulkJob, JobState, RowState
from token_payments.presenters.bulk_results import write_results
from token_payments.presenters.csv_files import send_csv_file
from token_payments.presenters.refusals import Audience, describe_reason, describe_refusal

PAGE = 100  # rows
RELATED = ("item", "wallet__account", "wallet__token_type", "order__item", "order__account")
BADGES = {
    JobState.WAITING: "requested",
    JobState.RUNNING: "processing",
    JobState.DONE: "processed",
    JobState.CANCELLED: "cancelled",
}


def show_job(model_admin: Any, request: HttpRequest, job: BulkJob) -> HttpResponse:
    """How far it is, why rows weren't done, and the rows, those first that need somebody."""
    state = request.GET.get("state", "")
    rows = job.rows.all().order_by("number")
    if state in RowState.values:
        rows = rows.filter(state=state)
    progress = bulk_queries.measure_job(job)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    is_open = job.state in (JobState.WAITING, JobState.RUNNING)
    return render_page(
        model_admin,
        request,
        "job",
        folder="bulkjob",
        title=f"{job.get_kind_display()}: {model_admin.subject(job)}",
        job=job,
        badge=BADGES[JobState(job.state)],
        progress=progress,
        is_open=is_open,
        figures=_list_figures(model_admin, job),
        counts=_list_counts(progress),
        reasons=[
            (RowState(state).label, describe_reason(reason), format_number(number))
            for state, reason, number in bulk_queries.count_reasons(job)
        ],
        page_obj=page,
        lines=[(row, describe_reason(row.reason)) for row in page.object_list],
        states=RowState.choices,
        state_filter=state if state in RowState.values else "",
        may_cancel=is_open and may_act(model_admin, request),
        may_retry=job.state == JobState.DONE
        and bool(progress.failed)
        and may_act(model_admin, request),
    )


def report_progress(_model_admin: Any, _request: HttpRequest, job: BulkJob) -> JsonResponse:
    """How far it is, for the progress bar; ``processing`` until nothing is left to do."""
    progress = bulk_queries.measure_job(job)
    is_open = job.state in (JobState.WAITING, JobState.RUNNING)
    return JsonResponse(
        {
            "status": "processing" if is_open else job.state,
            "made": progress.tried,
            "quantity": progress.total,
        }
    )


def download_result(_model_admin: Any, _request: HttpRequest, job: BulkJob) -> HttpResponse:
    """Every row and what came of it, as CSV."""
    return send_csv_file(write_results(job), f"bulk-job-{job.pk}")


def cancel(_model_admin: Any, request: HttpRequest, job: BulkJob) -> HttpResponse:
    """Try no further row."""
    try:
        bulk_operations.cancel_job(job.pk, actor=get_user(request), now=timezone.now())
    except InvalidTransition as error:
        messages.info(request, _explain(error))
    else:
        messages.success(request, gettext("The job is cancelled: no further row is tried."))
    return go_to(job)


def retry(_model_admin: Any, request: HttpRequest, job: BulkJob) -> HttpResponse:
    """Try the failed rows again."""
    try:
        bulk_operations.retry_failed(job.pk, now=timezone.now())
    except InvalidTransition as error:
        messages.info(request, _explain(error))
    else:
        messages.success(request, gettext("The rows that failed are tried again."))
    return go_to(job)


def _explain(error: InvalidTransition) -> str:
    return describe_refusal(error, audience=Audience.STAFF, about="job").text


def _list_figures(model_admin: Any, job: BulkJob) -> list[tuple[str, Any]]:
    figures = [
        (gettext("Begun"), write_time(job.created_at)),
        (gettext("By"), model_admin.actor_name(job)),
        (gettext("Account"), model_admin.account(job)),
    ]
    if job.wallet is not None:
        each = f"{format_number(job.tokens or 0)} {job.wallet.token_type}"
        figures.append((gettext("Tokens for each"), each))
    if job.ended_at is not None:
        figures.append((gettext("Ended"), write_time(job.ended_at)))
    if job.cancelled_by is not None:
        figures.append((gettext("Cancelled by"), host.get_full_name(job.cancelled_by)))
    return figures


def _list_counts(progress: bulk_queries.Progress) -> list[tuple[str, str, Any]]:
    """(state, number, label) of the states that have rows."""
    counts = {state: getattr(progress, state.value) for state in RowState}
    return [
        (state.value, format_number(number), state.label)
        for state, number in counts.items()
        if number
    ]


@admin.register(BulkJob)
class BulkJobAdmin(SwitchedAdmin):
    list_title = _("Bulk jobs")
    pages = (
        listing("redeem", redeem, may_redeem, switched=True),
        listing("assign", assign, may_assign, switched=True),
        suggesting("accounts", suggest_accounts, may_redeem),
        viewing("progress", report_progress),
        viewing("result", download_result),
        acting("cancel", cancel, post_only=True),
        acting("retry", retry, post_only=True),
    )
    related = RELATED
    people = ("actor", "cancelled_by")
    list_display = ("time", "kind", "subject", "account", "status", "progress", "actor_name")
    list_filter = ("kind", "state")
    ordering = ("-id",)
    actions = None
    show_full_result_count = False
    change_list_template = "admin/token_payments/bulkjob/change_list.html"

    class Media:
        js = [
            "token_payments/admin/suggest.js",
            "token_payments/once.js",
            "token_payments/admin/order.js",
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def describe_list(self, request: HttpRequest) -> dict[str, Any]:
        return {"may_redeem": may_redeem(self, request), "may_assign": may_assign(self, request)}

    def add_figures(self, rows: Iterable[Any]) -> None:
        """Put ``measured`` on each job: one query."""
        progress = bulk_queries.measure_jobs(rows)
        for job in rows:
            job.measured = progress[job.pk]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The job's page, which takes nothing: what can be done has pages of its own."""
        job = self.get_object(request, object_id)
        if job is None:
            return super().change_view(request, object_id)  # which says so
        if not self.has_view_permission(request, job) or request.method == "POST":
            raise PermissionDenied
        return show_job(self, request, job)

    # --- Columns --------------------------------------------------------------------------------
    @admin.display(description=_("time"), ordering="id")
    def time(self, job: BulkJob) -> SafeString:
        return write_time(job.created_at)

    @admin.display(description=_("for"))
    def subject(self, job: BulkJob) -> str:
        if job.order is not None:
            return f"{job.order.number} · {name_course(job.order.course)}"
        assert job.item is not None
        return name_course(job.item)

    @admin.display(description=_("account"))
    def account(self, job: BulkJob) -> str:
        account = job.wallet.account if job.wallet else job.order.account if job.order else None
        return str(account or "–")

    @admin.display(description=_("state"), ordering="state")
    def status(self, job: BulkJob) -> SafeString:
        return write_badge(BADGES[JobState(job.state)], job.get_state_display())

    @admin.display(description=_("rows"))
    def progress(self, job: Any) -> str:
        progress: bulk_queries.Progress = job.measured
        text = gettext("%(number)s of %(total)s rows") % {
            "number": format_number(progress.tried),
            "total": format_number(progress.total),
        }
        if not progress.failed:
            return text
        failed = gettext("%(number)s failed") % {"number": format_number(progress.failed)}
        return f"{text}, {failed}"

    @admin.display(description=_("by"))
    def actor_name(self, job: BulkJob) -> str:
        return host.get_full_name(job.actor)
