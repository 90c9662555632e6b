"""An order's codes, and who was given which: for those who hand them out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from token_payments import models
from token_payments.assignments import operations as assignment_operations
from token_payments.assignments import queries as assignment_queries
from token_payments.bulk import operations as bulk_operations
from token_payments.bulk import queries as bulk_queries
from token_payments.hosts.people import get_user
from token_payments.orders import operations as order_operations
from token_payments.presenters.code_lines import CodeLine, describe_codes
from token_payments.rest_api.v1.base import ApiViewSet, Input
from token_payments.rest_api.v1.fields import InstantField
from token_payments.rest_api.v1.filters import IdFilter
from token_payments.rest_api.v1.jobs import ACCEPTED, JobSerializer, accept
from token_payments.rest_api.v1.orders import OrderResource
from token_payments.rest_api.v1.schema import reads, writes
from token_payments.throttling import Limit

MAX_REVEALED = 200
MAX_SERIAL = 1_000_000_000


class CodeSerializer(serializers.Serializer):
    """A code without itself: `learner` has redeemed it, `assigned_to` was given it."""

    serial = serializers.IntegerField()
    last_four = serializers.CharField()
    status = serializers.ChoiceField(choices=models.CodeStatus.choices)
    learner = serializers.CharField(help_text="The name of who redeemed it; empty for nobody.")
    email = serializers.CharField()
    enrolment = serializers.CharField()
    enrolled_at = InstantField(source="since", allow_null=True)
    assignment = serializers.IntegerField(source="assignment.pk", default=None, allow_null=True)
    assigned_to = serializers.CharField(source="assignment.email", default=None, allow_null=True)


class RevealInput(Input):
    serials = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_SERIAL),
        min_length=1,
        max_length=MAX_REVEALED,
    )


class RevealedSerializer(serializers.Serializer):
    serial = serializers.IntegerField()
    code = serializers.CharField()


class RevealedListSerializer(serializers.Serializer):
    codes = RevealedSerializer(many=True)


class AssignmentSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    batch = serializers.IntegerField(source="batch_id")
    serial = serializers.IntegerField(source="code.serial")
    last_four = serializers.CharField(source="code.last_four")
    status = serializers.ChoiceField(choices=models.CodeStatus.choices, source="code.status")
    email = serializers.CharField()
    name = serializers.CharField()
    is_open = serializers.BooleanField(help_text="Whether others may use the code, too.")
    is_live = serializers.SerializerMethodField()
    mail_state = serializers.ChoiceField(choices=models.MailState.choices)
    mailed_at = InstantField(allow_null=True)
    reminders = serializers.IntegerField()
    created_at = InstantField()
    ended_at = InstantField(allow_null=True)

    def get_is_live(self, assignment: models.CodeAssignment) -> bool:
        return bool(assignment.live)


class RecipientInput(Input):
    email = serializers.EmailField(max_length=assignment_queries.MAX_EMAIL)
    name = serializers.CharField(
        max_length=assignment_queries.MAX_NAME, allow_blank=True, required=False, default=""
    )


class AssignInput(Input):
    recipients: Any = serializers.ListSerializer(
        child=RecipientInput(), min_length=1, max_length=models.MAX_RECIPIENTS
    )
    is_open = serializers.BooleanField(required=False, default=False)


class BulkRecipientInput(Input):
    email = serializers.CharField(
        max_length=assignment_queries.MAX_EMAIL,
        help_text="One that isn't an address fails by itself.",
    )
    name = serializers.CharField(
        max_length=assignment_queries.MAX_NAME, allow_blank=True, required=False, default=""
    )


class BulkAssignInput(Input):
    recipients: Any = serializers.ListSerializer(
        child=BulkRecipientInput(), min_length=1, max_length=bulk_queries.MAX_ROWS
    )
    is_open = serializers.BooleanField(required=False, default=False)


class ReassignInput(RecipientInput):
    is_open = serializers.BooleanField(required=False, default=False)


class RemindedSerializer(serializers.Serializer):
    reminded = serializers.IntegerField(help_text="How many are mailed again.")


class BatchSerializer(serializers.Serializer):
    batch = serializers.IntegerField(source="pk", help_text="The list of them is ?batch= this.")
    quantity = serializers.IntegerField()
    created_at = InstantField()


class CodeFilter(filters.FilterSet):
    status = filters.ChoiceFilter(choices=models.CodeStatus.choices)
    last_four = filters.CharFilter()


class AssignmentFilter(filters.FilterSet):
    batch = IdFilter(field_name="batch")
    email = filters.CharFilter()
    status = filters.ChoiceFilter(field_name="code__status", choices=models.CodeStatus.choices)
    mail_state = filters.ChoiceFilter(choices=models.MailState.choices)
    is_ended = filters.BooleanFilter(field_name="live", lookup_expr="isnull")


class Codes(OrderResource, ApiViewSet):
    queryset = models.TokenCode.objects.all()
    serializer_class = CodeSerializer
    filterset_class = CodeFilter
    ordering_fields = ("serial",)
    ordering = ("serial",)

    @reads()
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The order's codes by serial, without themselves; who redeemed each, and when."""
        order = self.get_order(kwargs["order_id"], for_codes=True)
        codes = models.TokenCode.objects.filter(order=order)

        def describe(page: Sequence[models.TokenCode]) -> list[CodeLine]:
            return describe_codes(order, page)

        return self.list_page(codes, describe)

    @writes(RevealInput, RevealedListSerializer, keyed=False, detail=False)
    def reveal(self, request: Request, order_id: int) -> Response:
        """Codes in full; that they were shown to this user stands in the order's log.

        Takes no Idempotency-Key, so that no answer with codes in it is ever kept.
        """
        order = self.get_order(order_id, for_codes=True)
        self.require_distributor(order)
        serials = self.read(RevealInput)["serials"]
        rows = list(order.codes.filter(serial__in=serials).order_by("serial"))
        now = timezone.now()
        written = order_operations.reveal_codes(order, rows, actor=get_user(request), now=now)
        codes = [{"serial": serial, "code": code} for serial, code in sorted(written.items())]
        return Response(RevealedListSerializer({"codes": codes}).data)


class Assignments(OrderResource, ApiViewSet):
    queryset = models.CodeAssignment.objects.all()
    serializer_class = AssignmentSerializer
    filterset_class = AssignmentFilter
    limits = {"bulk": Limit.API_JOBS}

    def visible(self) -> QuerySet[models.CodeAssignment]:
        order = self.get_order(self.kwargs["order_id"], for_codes=True)
        return models.CodeAssignment.objects.filter(batch__order=order).select_related("code")

    @reads()
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Who was given which of the order's codes; the newest first."""
        return self.list_page(self.visible())

    @reads(AssignmentSerializer)
    def retrieve(self, request: Request, order_id: int, pk: int) -> Response:
        """One assignment."""
        return self.answer(self.get_row(pk))

    @writes(AssignInput, BatchSerializer, status=201)
    def create(self, request: Request, order_id: int) -> Response:
        """Give each recipient a code, all or nobody, and have them mailed."""
        order = self.get_order(order_id, for_codes=True)
        self.require_distributor(order)
        data = self.read(AssignInput)
        rows = [
            row
            for line, each in enumerate(data["recipients"], start=1)
            for row in assignment_queries.read_one(each["name"], each["email"], line=line)
        ]
        batch = assignment_operations.assign_list(
            order.pk, rows, is_open=data["is_open"], **self.once.arguments
        )
        return Response(BatchSerializer(batch).data, status=201)

    @writes(BulkAssignInput, JobSerializer, status=ACCEPTED, detail=False)
    def bulk(self, request: Request, order_id: int) -> Response:
        """Have up to 5,000 recipients given a code and mailed, by a job that refuses single rows.

        Not all or nobody: whoever can't have one is told why, and the others get theirs.
        """
        order = self.get_order(order_id, for_codes=True)
        self.require_distributor(order)
        data = self.read(BulkAssignInput)
        job = bulk_operations.start_assigning(
            order_id=order.pk,
            recipients=[
                assignment_operations.Recipient(each["email"], each["name"])
                for each in data["recipients"]
            ],
            is_open=data["is_open"],
            **self.once.arguments,
        )
        return accept(job)

    @writes(
        gives=RemindedSerializer,
        operation_id="orders_assignments_remind_all_create",
        detail=False,
        path="remind",
    )
    def remind_all(self, request: Request, order_id: int) -> Response:
        """Mail everybody again who hasn't used the code; nobody twice within a day."""
        order = self.get_order(order_id, for_codes=True)
        self.require_distributor(order)
        return self._remind(order)

    @writes(gives=RemindedSerializer, detail=True)
    def remind(self, request: Request, order_id: int, pk: int) -> Response:
        """Mail one learner again who hasn't used the code; not twice within a day."""
        assignment = self._get_changeable(pk)
        return self._remind(assignment.batch.order, assignment_id=assignment.pk)

    @writes(gives=AssignmentSerializer, detail=True)
    def send_again(self, request: Request, order_id: int, pk: int) -> Response:
        """Try a mail again that failed; `mail_state` says whether it is waiting now."""
        assignment = self._get_changeable(pk)
        assignment_operations.send_again(assignment.pk, now=self.once.now)
        return self.answer(self.get_row(pk))

    @writes(ReassignInput, AssignmentSerializer, status=201, detail=True)
    def reassign(self, request: Request, order_id: int, pk: int) -> Response:
        """Give an unused code's place to somebody else: the old code dies."""
        assignment = self._get_changeable(pk)
        data = self.read(ReassignInput)
        [row] = assignment_queries.read_one(data["name"], data["email"])
        batch = assignment_operations.reassign_to(
            assignment.pk, row, is_open=data["is_open"], **self.once.arguments
        )
        made = self.visible().filter(batch=batch)
        return self.answer(made.get(), status=201)

    @writes(gives=AssignmentSerializer, detail=True)
    def revoke(self, request: Request, order_id: int, pk: int) -> Response:
        """Take an unused code away: it dies, and a new one that is nobody's is in its place."""
        assignment = self._get_changeable(pk)
        assignment_operations.revoke(assignment.pk, actor=get_user(request), now=self.once.now)
        return self.answer(self.get_row(pk))

    def _remind(self, order: models.TokenOrder, **which: int) -> Response:
        reminded = assignment_operations.remind(
            order.pk, actor=self.user, now=self.once.now, **which
        )
        return Response(RemindedSerializer({"reminded": len(reminded)}).data)

    def _get_changeable(self, pk: int) -> models.CodeAssignment:
        assignment: models.CodeAssignment = self.get_row(pk)
        self.require_distributor(assignment.batch.order)
        return assignment
