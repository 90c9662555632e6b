"""Bulk jobs: the list, and a page for each with its progress, its rows, and what can be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments import tasks
from token_payments.admin import account_field, lookups
from token_payments.admin.bulk.beginning import assign, may_assign, may_redeem, name_course, redeem
from token_payments.admin.pages import (
    SwitchedAdmin,
    acting,
    may_act,
    page_url,
    render_page,
    viewing,
    without_report,
)
from token_payments.admin.wallets.texts import write_time
from token_payments.bulk import operations as bulk_operations
from token_payments.bulk import queries as bulk_queries
from token_payments.errors import InvalidTransition
from token_payments.hosts import get_host, list_name_relations
from token_payments.l10n.formats import format_number
from token_payments.models import BulkJob, JobState, RowState
from token_payments.presenters.bulk_results import write_results
from token_payments.presenters.refusals import Audience, describe_reason, describe_refusal

PAGE = 100  # rows
RELATED = ("item", "wallet__account", "wallet__token_type", "order__item", "order__account")
BADGES = {
    JobState.WAITING: "requested",
    JobState.RUNNING: "processing",
    JobState.DONE: "processed",
    JobState.CANCELLED: "cancelled",
}


class JobChangeList(ChangeList):
    """Gives every job of the page what is ``measured`` of it: one query."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        progress = bulk_queries.measure_jobs(self.result_list)
        for job in self.result_list:
            job.measured = progress[job.pk]


@admin.register(BulkJob)
class BulkJobAdmin(SwitchedAdmin):
    list_display = ("time", "kind", "subject", "account", "status", "progress", "actor_name")
    list_filter = ("kind", "state")
    ordering = ("-id",)
    actions = None
    list_per_page = 50
    show_full_result_count = False
    change_list_template = "admin/token_payments/bulkjob/change_list.html"

    class Media:
        css = {"all": ["token_payments/admin/admin.css"]}
        js = [
            "token_payments/admin/suggest.js",
            "token_payments/admin/once.js",
            "token_payments/admin/order.js",
        ]

    def get_urls(self) -> list[URLPattern]:
        pages: dict[str, Callable[[Any, HttpRequest], Any]] = {
            "redeem": redeem,
            "assign": assign,
            "accounts": suggest_accounts,
        }
        own = [
            path(f"{name}/", self._wrap(view), name=f"token_payments_bulkjob_{name}")
            for name, view in pages.items()
        ]
        return [
            *own,
            viewing(self, "progress", report_progress),
            viewing(self, "result", download_result),
            acting(self, "cancel", cancel),
            acting(self, "retry", retry),
            *super().get_urls(),
        ]

    def _wrap(self, view: Callable[[Any, HttpRequest], Any]) -> Any:
        def serve(request: HttpRequest) -> Any:
            return view(self, request)

        return self.admin_site.admin_view(without_report(serve))

    def get_queryset(self, request: HttpRequest) -> QuerySet[BulkJob]:
        people = [*list_name_relations("actor"), *list_name_relations("cancelled_by")]
        return super().get_queryset(request).select_related(*RELATED, *people)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[JobChangeList]:
        return JobChangeList

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {
            "title": gettext("Bulk jobs"),
            "may_redeem": may_redeem(self, request),
            "may_assign": may_assign(self, request),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

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
        return format_html(
            '<span class="tp-badge tp-badge-{}">{}</span>',
            BADGES[JobState(job.state)],
            job.get_state_display(),
        )

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
        return get_host().get_full_name(job.actor)


def suggest_accounts(model_admin: Any, request: HttpRequest) -> JsonResponse:
    """Accounts whose name or customer number contains what was typed."""
    if not may_redeem(model_admin, request):
        raise PermissionDenied
    text = lookups.read_text(request)
    return lookups.answer(account_field.suggest_accounts(text) if text else [])


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


def download_result(
    _model_admin: Any, _request: HttpRequest, job: BulkJob
) -> StreamingHttpResponse:
    """Every row and what came of it, as CSV."""
    answer = StreamingHttpResponse(write_results(job), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="bulk-job-{job.pk}.csv"'
    return answer


def cancel(_model_admin: Any, request: HttpRequest, job: BulkJob) -> HttpResponse:
    """Try no further row."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        bulk_operations.cancel_job(job.pk, actor=request.user, now=timezone.now())
    except InvalidTransition as error:
        messages.info(request, _explain(error))
    else:
        messages.success(request, gettext("The job is cancelled: no further row is tried."))
    return HttpResponseRedirect(page_url(job))


def retry(_model_admin: Any, request: HttpRequest, job: BulkJob) -> HttpResponse:
    """Try the failed rows again."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        bulk_operations.retry_failed(job.pk, now=timezone.now())
    except InvalidTransition as error:
        messages.info(request, _explain(error))
    else:
        tasks.queue_job(job.pk)
        messages.success(request, gettext("The rows that failed are tried again."))
    return HttpResponseRedirect(page_url(job))


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
        figures.append((gettext("Cancelled by"), get_host().get_full_name(job.cancelled_by)))
    return figures


def _list_counts(progress: bulk_queries.Progress) -> list[tuple[str, str, Any]]:
    """(state, number, label) of the states that have rows."""
    counts = {state: getattr(progress, state.value) for state in RowState}
    return [
        (state.value, format_number(number), state.label)
        for state, number in counts.items()
        if number
    ]
