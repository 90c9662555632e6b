"""Refusals as problem JSON (RFC 9457): one table for every error of the plugin.

``code`` names the error, ``reason`` is finer where an error has several; both are for programs and
stay. ``title`` and ``detail`` are for people, in the language of the request.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response

from token_payments import errors
from token_payments.attempts import TooManyAttempts
from token_payments.checkout import queries as checkout_queries
from token_payments.errors import TokenPaymentsError
from token_payments.people import TooManyMisses

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:token-payments:problem:{code}"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Problem:
    """How an error is answered: ``facts`` are attributes of it that may be told."""

    status: int
    code: str
    title: Any
    facts: tuple[str, ...] = ()


#: Every class of errors.py, and what interfaces raise beside them.
PROBLEMS: dict[type[TokenPaymentsError], Problem] = {
    errors.TokenPaymentsError: Problem(409, "refused", _("This is not possible")),
    errors.ConfigurationError: Problem(
        503, "configuration", _("The site isn't set up for this at the moment")
    ),
    errors.IdempotencyConflict: Problem(
        422, "idempotency_conflict", _("The key was used before, with other arguments")
    ),
    errors.KeyReused: Problem(
        422, "key_reused", _("The Idempotency-Key was used before, for another request")
    ),
    errors.RequestRunning: Problem(
        409, "request_running", _("A request with this Idempotency-Key is still running")
    ),
    errors.ClaimLost: Problem(
        409, "request_running", _("A request with this Idempotency-Key is still running")
    ),
    errors.VersionConflict: Problem(
        412, "version_conflict", _("Somebody else changed this: read it again")
    ),
    errors.NameTaken: Problem(409, "name_taken", _("Another one has this name"), ("field",)),
    errors.InvalidTransition: Problem(
        409, "invalid_transition", _("This isn't possible in its present state"), ("state",)
    ),
    errors.NotEnoughUnused: Problem(
        409,
        "not_enough_unused",
        _("Fewer tokens than this are unused"),
        ("wanted", "available", "assigned"),
    ),
    errors.CancellingNotAllowed: Problem(
        409, "cancelling_not_allowed", _("Buyers don't cancel by themselves on this site")
    ),
    errors.RefundTooHigh: Problem(
        409, "refund_too_high", _("So much can't be refunded"), ("limit",)
    ),
    errors.NumberTaken: Problem(
        409, "number_taken", _("Another order has this number"), ("field",)
    ),
    errors.OrderPriceChanged: Problem(409, "order_price_changed", _("The price has changed")),
    errors.ItemNotFound: Problem(409, "item_not_found", _("There is no such course")),
    errors.InvalidItem: Problem(
        400, "invalid_item", _("The catalogue item can't be saved like this")
    ),
    errors.PaymentRefused: Problem(409, "payment_refused", _("This can't be paid for")),
    errors.NotOffered: Problem(409, "not_offered", _("This isn't offered")),
    errors.AlreadyEnrolled: Problem(
        409, "already_enrolled", _("The learner is enrolled already: nothing was taken")
    ),
    errors.AlreadyPaid: Problem(
        409, "already_paid", _("The learner has paid for this before: nothing was taken")
    ),
    errors.NoSeats: Problem(409, "no_seats", _("All seats are taken")),
    errors.HostRefused: Problem(409, "enrolment_refused", _("The course doesn't take the learner")),
    errors.ChoiceRefused: Problem(409, "choice_refused", _("This can't pay")),
    errors.CodeMistyped: Problem(
        409, "code_mistyped", _("There is a typing error in this Token Code")
    ),
    errors.CodeNotRedeemable: Problem(
        409, "code_not_redeemable", _("This Token Code can't be used here")
    ),
    errors.MailOutcomeUnknown: Problem(
        503, "mail_outcome_unknown", _("Nobody knows whether the mail left")
    ),
    errors.ListUnreadable: Problem(400, "list_unreadable", _("The list can't be read")),
    errors.ListChanged: Problem(
        409, "list_changed", _("Not everybody in the list can get a token")
    ),
    errors.AddressesRefused: Problem(
        400, "addresses_refused", _("These aren't addresses that can be told")
    ),
    errors.LedgerIsAppendOnly: Problem(
        409, "ledger_is_append_only", _("What is in the ledger stays as it is")
    ),
    errors.InsufficientTokens: Problem(
        409, "insufficient_tokens", _("There are not enough tokens"), ("wanted", "available")
    ),
    errors.AccountFrozen: Problem(409, "account_frozen", _("The account is frozen")),
    errors.NotAMember: Problem(
        409, "not_a_member", _("The learner is no member of the account that would pay")
    ),
    errors.NotAManager: Problem(
        409, "not_a_manager", _("Only managers of the account pay for others")
    ),
    errors.NotADistributor: Problem(
        409, "not_a_distributor", _("Only those who look after the order hand its tokens out")
    ),
    errors.JobBusy: Problem(409, "job_busy", _("A worker is at this job")),
    errors.WalletNotChosen: Problem(409, "wallet_not_chosen", _("Say which wallet pays")),
    errors.TokenPriceChanged: Problem(
        409, "token_price_changed", _("It costs another number of tokens"), ("agreed", "now")
    ),
    errors.TooManyPeople: Problem(
        400, "too_many_people", _("These are too many people"), ("limit",)
    ),
    errors.LastManager: Problem(409, "last_manager", _("An account that has a manager keeps one")),
    errors.TypeArchived: Problem(409, "type_archived", _("The token type is archived")),
    errors.TypeInUse: Problem(
        409, "type_in_use", _("The token type is in use: archive it instead")
    ),
    errors.ManualIssuesNotAllowed: Problem(
        409,
        "manual_issues_not_allowed",
        _("On this site tokens are issued through token orders only"),
    ),
    errors.AdjustmentsNotAllowed: Problem(
        409, "adjustments_not_allowed", _("On this site token issues aren't adjusted")
    ),
    errors.IssueExpired: Problem(
        409, "issue_expired", _("The tokens have expired: raise a new issue instead")
    ),
    errors.IssueFull: Problem(409, "issue_full", _("The issue can't hold so many"), ("room",)),
    errors.ExpiryNotLater: Problem(
        409, "expiry_not_later", _("Tokens must expire in the future, and later than before")
    ),
    errors.TransferToItself: Problem(
        409, "transfer_to_itself", _("The tokens belong to this account already")
    ),
    errors.TransfersNotAllowed: Problem(
        409, "transfers_not_allowed", _("On this site managers don't transfer tokens")
    ),
    errors.EndpointRefused: Problem(
        400, "endpoint_refused", _("Webhooks can't be sent to this address")
    ),
    errors.TooManyEndpoints: Problem(
        409, "too_many_endpoints", _("There are as many webhook endpoints as may be"), ("limit",)
    ),
    TooManyAttempts: Problem(429, "too_many_attempts", _("Too many codes were refused"), ("wait",)),
    TooManyMisses: Problem(
        429, "too_many_misses", _("Too many people weren't found"), ("minutes",)
    ),
}

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
    """DRF's exception handler: the problem as a response; None for what is nobody's fault but ours.

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


def find_problem(error: TokenPaymentsError) -> Problem:
    """The row of the table for the error, or for the nearest class above it."""
    return next(PROBLEMS[each] for each in type(error).__mro__ if each in PROBLEMS)


def describe_refusal(error: TokenPaymentsError, *, may_know: bool = True) -> dict[str, Any]:
    """The problem's body. Strangers learn nothing of a code, not even whether there is one."""
    problem = find_problem(error)
    more: dict[str, Any] = {"reason": error.reason}
    if isinstance(error, errors.CodeNotRedeemable) and not may_know:
        more["reason"] = problem.code
    facts = {name: getattr(error, name) for name in problem.facts}
    if facts:
        more["facts"] = {
            name: value if isinstance(value, int | None) else str(value)
            for name, value in facts.items()
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
    return make_problem(problem.status, problem.code, problem.title, **more)


def _answer_refusal(error: TokenPaymentsError, context: Mapping[str, Any]) -> Response:
    may_know = True
    if isinstance(error, errors.CodeNotRedeemable):
        user = context["request"].user
        may_know = checkout_queries.may_know_reason(user, error.order_id, holder=error.holder)
    if isinstance(error, errors.ConfigurationError):
        log.error("the API can't answer: %s", error)
    body = describe_refusal(error, may_know=may_know)
    headers = {}
    if isinstance(error, TooManyAttempts):
        headers["Retry-After"] = str(error.wait)
    elif isinstance(error, TooManyMisses):
        headers["Retry-After"] = str(error.minutes * 60)
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
