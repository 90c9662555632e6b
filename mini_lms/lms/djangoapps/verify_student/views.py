"""A plain page in the place of the identity check."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@login_required
def start_flow(request: HttpRequest, course_id: str | None = None) -> HttpResponse:
    return render(request, "verify_student/start.html", {"course_id": course_id})
