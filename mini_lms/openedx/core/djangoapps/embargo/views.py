"""The page that a barred learner is sent to."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def blocked_message(request: HttpRequest, access_point: str, message_key: str) -> HttpResponse:
    return render(request, "embargo/blocked.html", {"access_point": access_point}, status=403)
