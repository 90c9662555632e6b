"""Bulk jobs: how far they are, what came of each row, cancelling them, trying failed rows again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from token_payments.bulk import operations as bulk_operations
from token_payments.bulk import queries as bulk_queries
from token_payments.hosts.people import get_user
from token_payments.models import BulkJob, BulkRow, JobKind, JobState, RowState
from token_payments.rest_api.v1.base import ApiViewSet
from token_payments.rest_api.v1.fields import InstantField
from token_payments.rest_api.v1.filters import InstantFilter
from token_payments.rest_api.v1.schema import reads, writes
from token_payments.throttling import Limit

RELATED = ("actor", "item", "wallet__account", "order__account", "cancelled_by")
ACCEPTED = 202


@dataclass(frozen=True)
class ShownJob:
    """A job, and how many of its rows are where."""

    job: BulkJob
    rows: bulk_queries.Progress

    @property
    def account(self) -> int | None:
        wallet, order = self.job.wallet, self.job.order
        return wallet.account_id if wallet else order.account_id if order else None


class ProgressSerializer(serializers.Serializer):
    """`skipped` needed nothing: paid or assigned before, or named twice."""

    total = serializers.IntegerField()
    waiting = serializers.IntegerField()
    done = serializers.IntegerField()
    skipped = serializers.IntegerField()
    failed = serializers.IntegerField()
    cancelled = serializers.IntegerField(help_text="Never tried, as the job was cancelled before.")


class JobSerializer(serializers.Serializer):
    id = serializers.UUIDField(source="job.uuid")
    kind = serializers.ChoiceField(choices=JobKind.choices, source="job.kind")
    state = serializers.ChoiceField(choices=JobState.choices, source="job.state")
    account = serializers.IntegerField(allow_null=True)
    wallet = serializers.IntegerField(source="job.wallet_id", allow_null=True)
    item_key = serializers.CharField(source="job.item.item_key", default=None, allow_null=True)
    tokens = serializers.IntegerField(
        source="job.tokens", allow_null=True, help_text="The price agreed to for each."
    )
    order = serializers.IntegerField(source="job.order_id", allow_null=True)
    is_open = serializers.BooleanField(
        source="job.is_open", help_text="Whether others may use the codes, too."
    )
    actor = serializers.CharField(source="job.actor.username")
    run = serializers.IntegerField(
        source="job.run", help_text="One more each time that failed rows are tried again."
    )
    rows = ProgressSerializer()
    created_at = InstantField(source="job.created_at")
    ended_at = InstantField(source="job.ended_at", allow_null=True)
    cancelled_by = serializers.CharField(
        source="job.cancelled_by.username", default=None, allow_null=True
    )


class JobRowSerializer(serializers.Serializer):
    number = serializers.IntegerField(help_text="The place in the request, from 1.")
    entered = serializers.CharField(help_text="Who it is, as named in the request.")
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=RowState.choices)
    reason = serializers.CharField(help_text="Why it was skipped or failed; otherwise empty.")
    redemption = serializers.UUIDField(source="redemption.uuid", default=None, allow_null=True)
    assignment = serializers.IntegerField(source="assignment_id", allow_null=True)
    tried_at = InstantField(allow_null=True)


class JobFilter(filters.FilterSet):
    kind = filters.ChoiceFilter(choices=JobKind.choices)
    state = filters.ChoiceFilter(choices=JobState.choices)
    since = InstantFilter(field_name="created_at", lookup_expr="gte")
    until = InstantFilter(field_name="created_at", lookup_expr="lt")


class JobRowFilter(filters.FilterSet):
    state = filters.ChoiceFilter(choices=RowState.choices)
    reason = filters.CharFilter()


class JobAccess:
    """Which jobs are whose."""

    def visible_jobs(self: Any) -> QuerySet[BulkJob]:
        if self.may("view_bulkjob", "change_bulkjob"):
            jobs: QuerySet[BulkJob] = BulkJob.objects.all()
        else:
            jobs = bulk_queries.list_jobs_of(self.request.user)
        return jobs.select_related(*RELATED)


class Jobs(JobAccess, ApiViewSet):
    queryset = BulkJob.objects.all()
    serializer_class = JobSerializer
    filterset_class = JobFilter
    lookup_field = "uuid"
    lookup_value_converter = "uuid"
    limits = {"retry": Limit.API_JOBS}

    def visible(self) -> QuerySet[BulkJob]:
        return self.visible_jobs()

    def present(self, rows: Sequence[BulkJob]) -> Sequence[ShownJob]:
        return _measure(rows)

    @reads()
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One's own jobs, and those of accounts and orders that one looks after; or all."""
        return self.list_page(self.visible())

    @reads(JobSerializer)
    def retrieve(self, request: Request, uuid: Any) -> Response:
        """One job, and how far it is: ask again until its state is done or cancelled."""
        return self.answer(self.get_row(uuid))

    @writes(gives=JobSerializer, detail=True)
    def cancel(self, request: Request, uuid: Any) -> Response:
        """Try no further row; what is done stays."""
        job = self._get_manageable(uuid)
        bulk_operations.cancel_job(job.pk, actor=get_user(request), now=self.once.now)
        return self.answer(self.get_row(uuid))

    @writes(gives=JobSerializer, status=ACCEPTED, detail=True)
    def retry(self, request: Request, uuid: Any) -> Response:
        """Try the failed rows of a job that is done again, such as after tokens were issued."""
        job = self._get_manageable(uuid)
        bulk_operations.retry_failed(job.pk, now=self.once.now)
        return accept(self.get_row(uuid))

    def _get_manageable(self, uuid: Any) -> BulkJob:
        """Raises Http404, PermissionDenied."""
        job: BulkJob = self.get_row(uuid)
        if not self.may("change_bulkjob") and not bulk_queries.may_manage_job(self.user, job):
            raise PermissionDenied
        return job


class JobRows(JobAccess, ApiViewSet):
    queryset = BulkRow.objects.all()
    serializer_class = JobRowSerializer
    filterset_class = JobRowFilter
    ordering_fields = ("number",)
    ordering = ("number",)

    @reads()
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The rows of a job in their order, and what came of each."""
        job = self.find(self.visible_jobs(), kwargs["job_id"], field="uuid")
        return self.list_page(BulkRow.objects.filter(job=job).select_related("redemption"))


def accept(job: BulkJob) -> Response:
    """The answer to what a worker does from now on: the job, and where it is."""
    location = reverse("token_payments:v1:job-detail", kwargs={"uuid": job.uuid})
    data = JobSerializer(_measure([job])[0]).data
    return Response(data, status=ACCEPTED, headers={"Location": location})


def _measure(page: Sequence[BulkJob]) -> list[ShownJob]:
    progress = bulk_queries.measure_jobs(page)
    return [ShownJob(job, progress[job.pk]) for job in page]
