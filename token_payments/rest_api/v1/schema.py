"""How the resources are written down as OpenAPI 3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action

from token_payments.rest_api.problems import MEDIA_TYPE
from token_payments.rest_api.v1.examples import BODIES
from token_payments.rest_api.v1.idempotency import once

AUTHENTICATION = "edx_rest_framework_extensions.auth"


class JwtScheme(OpenApiAuthenticationExtension):
    target_class = f"{AUTHENTICATION}.jwt.authentication.JwtAuthentication"
    name = "jwt"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`JWT` and, after a blank, a JWT of the LMS.",
        }


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = f"{AUTHENTICATION}.session.authentication.SessionAuthenticationAllowInactiveUser"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "The LMS's session; changes need the header X-CSRFToken as well.",
        }


KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description=(
        "A new one for each request, e.g. a UUID: 1 to 255 characters. The same request with the "
        "same key is done once, and answered the same for 30 days; another request with it is 422."
    ),
)
VERSION = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The ETag that was read, or `*`. 412 when somebody changed the row since.",
)


#: What was refused, after RFC 9457.
PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "What was refused. `code` and `reason` are for programs, and stay.",
    "required": ["type", "title", "status", "code", "reason", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "reason": {"type": "string", "description": "Finer than `code`, where it has several."},
        "detail": {"type": "string"},
        "errors": {
            "type": "object",
            "description": "What is wrong, by field.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "facts": {
            "type": "object",
            "description": "Numbers that belong to it, e.g. `available`.",
            "additionalProperties": {},
        },
    },
    "example": {
        "type": "urn:token-payments:problem:insufficient_tokens",
        "title": "There are not enough tokens",
        "status": 409,
        "code": "insufficient_tokens",
        "reason": "insufficient_tokens",
        "detail": "There are not enough tokens",
        "facts": {"wanted": 3, "available": 1},
    },
}


def reads(gives: Any = None, **more: Any) -> Callable[..., Any]:
    """An operation that only reads."""
    if gives is not None:
        more["responses"] = {200: gives}
    return _describe(**more)


def writes(
    takes: Any = None,
    gives: Any = None,
    *,
    status: int = 200,
    versioned: bool = False,
    keyed: bool = True,
    atomic: bool = True,
    detail: bool | None = None,
    path: str = "",
    **more: Any,
) -> Callable[..., Any]:
    """An operation that changes something, done once for each key (``once``).

    ``keyed`` is False for one that only looks. An action has an address of its own, below a row
    (``detail`` is True) or below the list (False); it is the method's name if ``path`` is empty.
    """
    parameters = [*([KEY] if keyed else []), *([VERSION] if versioned else [])]
    describe = _describe(
        request=takes, responses={status: gives}, parameters=parameters, filters=False, **more
    )

    def decorate(method: Any) -> Any:
        if keyed:
            method = once(method, atomic=atomic)
        if detail is not None:
            address = path or method.__name__.replace("_", "-")
            method = action(detail=detail, methods=["post"], url_path=address)(method)
        return describe(method)

    return decorate


def _describe(**facts: Any) -> Callable[..., Any]:
    """By drf-spectacular, whatever the site has for views of its own."""
    extend = extend_schema(**facts)

    def decorate(method: Any) -> Any:
        method.schema = AutoSchema
        return extend(method)

    return decorate


def add_examples(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A body to begin with, for every operation that takes one."""
    for path in result["paths"].values():
        for operation in path.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                content["example"] = BODIES[operation["operationId"]]
    return result


def add_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Every operation may answer with a problem."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    problem = {
        "description": "What was refused, and why.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for path in result["paths"].values():
        for operation in path.values():
            operation["responses"]["default"] = problem
            for each in operation.get("parameters", ()):
                if each["in"] == "path" and each["schema"]["type"] == "integer":
                    each["schema"]["minimum"] = 1
    return result


DESCRIPTION = """\
What people do on the plugin's pages, for programs: issue tokens, order codes and hand them out, \
pay for learners, give back, report.

Every change takes an `Idempotency-Key`. What is refused is answered as `application/problem+json` \
with a `code` for programs.
"""
#: Whatever the host has set for its own description.
SETTINGS: dict[str, Any] = {
    "TITLE": "token_payments",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": r"/token-payments/api/v1",
    "SCHEMA_PATH_PREFIX_TRIM": False,
    "PREPROCESSING_HOOKS": [],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "token_payments.rest_api.v1.schema.add_problems",
        "token_payments.rest_api.v1.schema.add_examples",
    ],
    "ENUM_NAME_OVERRIDES": {
        "RoleEnum": "token_payments.models.AccountRole",
        "EntryKindEnum": "token_payments.models.EntryKind",
        "IssueSourceEnum": "token_payments.models.IssueSource",
        "OrderKindEnum": "token_payments.models.OrderKind",
        "OrderStatusEnum": "token_payments.models.OrderStatus",
        "CodeStatusEnum": "token_payments.models.CodeStatus",
        "RedemptionStateEnum": "token_payments.models.RedemptionState",
        "GroupStateEnum": "token_payments.models.GroupState",
        "JobKindEnum": "token_payments.models.JobKind",
        "JobStateEnum": "token_payments.models.JobState",
        "JobRowStateEnum": "token_payments.models.RowState",
        "DeliveryStateEnum": "token_payments.models.DeliveryState",
        "DeliveryProblemEnum": "token_payments.models.DeliveryProblem",
        "OffReasonEnum": "token_payments.models.OffReason",
        "MailStateEnum": "token_payments.models.MailState",
        "EnrolmentMethodEnum": "token_payments.models.ItemEnrolmentMethod",
        "DefaultMethodEnum": "token_payments.models.EnrolmentMethod",
        "ItemUnenrolmentPolicyEnum": "token_payments.models.ItemUnenrolmentPolicy",
        "UnenrolmentPolicyEnum": "token_payments.models.UnenrolmentPolicy",
    },
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": True,
    "COMPONENT_SPLIT_REQUEST": True,
    "CAMELIZE_NAMES": False,
    "SORT_OPERATIONS": True,
    "TAGS": [],
    "SERVERS": [],
    "EXTENSIONS_INFO": {},
    "AUTHENTICATION_WHITELIST": None,
}
