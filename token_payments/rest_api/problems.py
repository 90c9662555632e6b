"""Refusals as problem JSON (RFC 9457), in the words of the catalogue for programs.

``code`` names the error, ``reason`` is finer where an error has several; both are for programs and
stay. ``title`` and ``detail`` are for people, in the language of the request.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response

from token_payments import errors
from token_payments.checkout import queries as checkout_queries
from token_payments.errors import TokenPaymentsError
from token_payments.presenters.refusals import Audience, describe_refusal

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:token-payments:problem:{code}"

log = logging.getLogger(__name__)


#: What Django and DRF raise; the status is theirs.
HTTP_PROBLEMS: dict[type[exceptions.APIException], str] = {
    exceptions.ValidationError: "invalid",
    exceptions.ParseError: "malformed",
    exceptions.AuthenticationFailed: "authentication_failed",
    exceptions.NotAuthenticated: "not_authenticated",
    exceptions.PermissionDenied: "permission_denied",
    exceptions.NotFound: "not_found",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.Throttled: "throttled",
}


class KeyMissing(exceptions.APIException):
    """A request that changes something has no usable Idempotency-Key."""

    status_code = 400
    default_code = "idempotency_key_missing"
    default_detail = _("Send an Idempotency-Key header: 1 to 255 characters, a new one per request")


class BodyTooLarge(exceptions.APIException):
    """A body is larger than any that is of use."""

    status_code = 413
    default_code = "body_too_large"
    default_detail = _("The body of the request is too large: split it")


class VersionMissing(exceptions.APIException):
    """A change of what two people may edit doesn't say which version was read."""

    status_code = 428
    default_code = "version_missing"
    default_detail = _("Send an If-Match header with the ETag that you read")


def answer_problem(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler: the problem as a response; None for a fault of the plugin.

    Views outside of a transaction need no rollback.
    """
    if isinstance(error, TokenPaymentsError):
        return _answer_refusal(error, context)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, exceptions.APIException):
        return _answer_http(error)
    return None


def make_problem(status: int, code: str, title: Any, **more: Any) -> dict[str, Any]:
    return {
        "type": TYPE.format(code=code),
        "title": str(title),
        "status": status,
        "code": code,
        "reason": code,
        "detail": str(title),
        **more,
    }


def describe_problem(error: TokenPaymentsError, *, may_know: bool = True) -> dict[str, Any]:
    """The problem's body. Strangers learn nothing of a code, not even whether there is one."""
    told = describe_refusal(error, audience=Audience.PROGRAM)
    more: dict[str, Any] = {"reason": error.reason}
    if isinstance(error, errors.CodeNotRedeemable) and not may_know:
        more["reason"] = told.code
    if told.facts:
        more["facts"] = {
            name: value if isinstance(value, int | None) else str(value)
            for name, value in told.facts.items()
        }
    if isinstance(error, errors.InvalidItem):
        more["errors"] = {name: [reason] for name, reason in error.problems.items()}
    elif isinstance(error, errors.NameTaken | errors.NumberTaken):
        more["errors"] = {error.field: [error.reason]}
    elif isinstance(error, errors.EndpointRefused):
        more["errors"] = {"url": [error.reason]}
    elif isinstance(error, errors.ListChanged):
        more["errors"] = {
            f"recipients.{row.line - 1}": [row.verdict] for row in error.rows if row.verdict != "ok"
        }
    return make_problem(told.status, told.code, told.title, **more)


def _answer_refusal(error: TokenPaymentsError, context: Mapping[str, Any]) -> Response:
    may_know = True
    if isinstance(error, errors.CodeNotRedeemable):
        user = context["request"].user
        may_know = checkout_queries.may_know_reason(user, error.order_id, holder=error.holder)
    if isinstance(error, errors.ConfigurationError):
        log.error("the API can't answer: %s", error)
    body = describe_problem(error, may_know=may_know)
    headers = {}
    if isinstance(error, errors.TooManyAttempts | errors.TooManyMisses | errors.DoneTooOften):
        headers["Retry-After"] = str(error.wait)
    elif isinstance(error, errors.RequestRunning):
        headers["Retry-After"] = "1"
    return _make_response(body, headers)


def _answer_http(error: exceptions.APIException) -> Response:
    code = next(
        (HTTP_PROBLEMS[each] for each in type(error).__mro__ if each in HTTP_PROBLEMS),
        error.default_code,
    )
    headers = {}
    more: dict[str, Any] = {}
    title: Any = error.default_detail
    if isinstance(error, exceptions.ValidationError):
        title = _("Something in the request isn't right")
        more["errors"] = _flatten(error.detail)
    elif isinstance(error, exceptions.Throttled):
        wait = max(1, math.ceil(getattr(error, "wait", None) or 1))
        headers["Retry-After"] = str(wait)
        more["facts"] = {"wait": wait}
    elif isinstance(error.detail, str):
        more["detail"] = str(error.detail)
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    return _make_response(make_problem(error.status_code, code, title, **more), headers)


def _make_response(body: dict[str, Any], headers: Mapping[str, str]) -> Response:
    return Response(body, status=body["status"], headers=headers, content_type=MEDIA_TYPE)


def _flatten(detail: Any, path: str = "") -> dict[str, list[str]]:
    """DRF's nested errors as lists by the path of their field, e.g. token_prices.0.quantity."""
    if isinstance(detail, Mapping):
        found: dict[str, list[str]] = {}
        for name, value in detail.items():
            found |= _flatten(value, f"{path}.{name}" if path else str(name))
        return found
    if isinstance(detail, list) and any(isinstance(each, Mapping | list) for each in detail):
        return _flatten({str(n): each for n, each in enumerate(detail) if each}, path)
    texts = detail if isinstance(detail, list) else [detail]
    return {path or "non_field_errors": [str(text) for text in texts]}
