"""Requests for the plugin's own pages and API, before and after everything else of the LMS.

Reports of errors hold no variables and nothing that was sent: whatever is called may hold a code or
a secret. While the database is away programs get a problem and people a page, also where the LMS's
own middleware was the first to ask it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from http import HTTPStatus
from types import FrameType
from typing import Any

from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.debug import SafeExceptionReporterFilter

from token_payments.db.transactions import list_causes
from token_payments.rest_api.problems import MEDIA_TYPE, make_problem

PAGES = "/token-payments/"  # where apps.py has them mounted
API = f"{PAGES}api/"
ADMIN = "/token_payments/"  # in the addresses of its pages, wherever the LMS has its admin
RETRY_AFTER = "5"  # seconds
AWAY = "token_payments_database_away"  # an attribute of requests


class OwnRequests:
    """The middleware; settings/common.py puts it first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(PAGES) or ADMIN in request.path_info:
            request.exception_reporter_filter = NothingTold()
        response = self.get_response(request)
        is_fault = response.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
        if is_fault and getattr(request, AWAY, False):
            _answer_away(request, response)
        return response


class NothingTold(SafeExceptionReporterFilter):
    """Django's filter of reports, for which everything is a secret; DEBUG shows all, as ever."""

    def get_post_parameters(self, request: HttpRequest | None) -> Any:
        given = super().get_post_parameters(request)
        return dict.fromkeys(given, self.cleansed_substitute) if self.is_active(request) else given

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: FrameType
    ) -> Any:
        if not self.is_active(request):
            return super().get_traceback_frame_variables(request, tb_frame)
        return [(name, self.cleansed_substitute) for name in tb_frame.f_locals]


@receiver(got_request_exception, dispatch_uid=f"{__name__}.note_outage")
def note_outage(request: HttpRequest | None = None, **_facts: Any) -> None:
    """A request for us that failed at the database is remembered as such."""
    is_ours = request is not None and request.path_info.startswith(PAGES)
    if is_ours and any(
        isinstance(error, OperationalError | InterfaceError)
        for error in list_causes(sys.exc_info()[1])
    ):
        setattr(request, AWAY, True)


def _answer_away(request: HttpRequest, response: HttpResponse) -> None:
    """In the place of the host's page; the headers that its middleware set stay."""
    response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    if request.path_info.startswith(API):
        problem = make_problem(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "database_away",
            _("The database can't be reached at the moment. Send the request again."),
        )
        response.content = json.dumps(problem).encode()
        response["Content-Type"] = MEDIA_TYPE
    else:
        response.content = render_to_string("token_payments/away.html").encode()
        response["Content-Type"] = "text/html; charset=utf-8"
    response["Retry-After"] = RETRY_AFTER
    add_never_cache_headers(response)
