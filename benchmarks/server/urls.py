"""The mini LMS's addresses, and two views of DRF that do as little as a payment needs."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F
from django.urls import path
from django.utils import timezone
from opaque_keys.edx.keys import CourseKey
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from benchmarks.models import Entry, Lot
from benchmarks.stock import PRICE
from lms.urls import urlpatterns as lms_patterns
from token_payments.rest_api.authentication import AUTHENTICATION, SIGNED_IN


class Bare(APIView):
    """One conditional UPDATE and one INSERT, for somebody who is signed in."""

    authentication_classes = AUTHENTICATION
    permission_classes = SIGNED_IN
    parser_classes = (JSONParser,)
    renderer_classes = (JSONRenderer,)

    def post(self, request: Request) -> Response:
        asked: Any = request.data
        with transaction.atomic():
            self.enrol(request.user, asked)
            lot_id = asked["lot"]
            entry = Entry.objects.create(lot_id=lot_id, amount=-PRICE, created_at=timezone.now())
            left = Lot.objects.filter(pk=lot_id, remaining__gte=PRICE)
            if not left.update(remaining=F("remaining") - PRICE):
                raise RuntimeError("the lot is empty")
        return Response({"id": entry.pk}, status=201)

    def enrol(self, user: Any, asked: Any) -> None:
        """Nobody."""


class BareEnrolling(Bare):
    """The same with the LMS's own enrolment, in a course that isn't sold."""

    def enrol(self, user: Any, asked: Any) -> None:
        from common.djangoapps.student.models import CourseEnrollment

        course = CourseKey.from_string(asked["course"])
        CourseEnrollment.enroll(user, course, mode="verified", check_access=True)


urlpatterns = [
    path("bare", Bare.as_view()),
    path("bare-enrolling", BareEnrolling.as_view()),
    *lms_patterns,
]
