"""The forms of our pages without JavaScript: `change_enrollment` is made for scripts."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from common.djangoapps.student.views.management import change_enrollment


@transaction.non_atomic_requests
@require_POST
def enrol(request: HttpRequest, course_id: str) -> HttpResponse:
    return _change(request, reverse("about_course", args=[course_id]))


@transaction.non_atomic_requests
@require_POST
def unenrol(request: HttpRequest, course_id: str) -> HttpResponse:
    return _change(request, reverse("dashboard"))


def _change(request: HttpRequest, page: str) -> HttpResponse:
    """Does what the script does with the answer: go on, sign in, or show the reason on the page."""
    answer = change_enrollment(request)
    text = answer.content.decode()
    if answer.status_code == 200:
        return redirect(text or reverse("dashboard"))
    if answer.status_code == 403:
        return redirect(f"{reverse('signin_user')}?{urlencode({'next': page})}")
    messages.error(request, text or "An error occurred. Please try again later.")
    return redirect(page)
