"""The API of the newer instructor dashboard."""

from __future__ import annotations

from django.http import Http404
from django.shortcuts import get_object_or_404
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lms.djangoapps.instructor.permissions import may_view_dashboard
from lms.djangoapps.instructor.views.serializers_v2 import CourseInformationSerializerV2
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview


class CourseMetadataView(APIView):
    permission_classes = (IsAuthenticated,)

    def get(self, request: Request, course_id: str) -> Response:
        try:
            course = get_object_or_404(CourseOverview, id=CourseKey.from_string(course_id))
        except InvalidKeyError as exc:
            raise Http404 from exc
        if not may_view_dashboard(request.user, course.id):
            return Response(status=403)
        data = {"request": request, "course": course}
        return Response({"tabs": CourseInformationSerializerV2().get_tabs(data)})
