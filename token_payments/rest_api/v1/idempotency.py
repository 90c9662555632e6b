"""Idempotency-Key: what changes something is done once, however often it is sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial, wraps
from typing import Any

from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from token_payments.db.transactions import in_transaction
from token_payments.errors import TokenPaymentsError
from token_payments.hosts.base import User
from token_payments.hosts.people import get_user
from token_payments.outbox import idempotency
from token_payments.rest_api.problems import MEDIA_TYPE, KeyMissing

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
MAX_KEY = 255
KEPT_HEADERS = ("ETag", "Location")
FAILED = 500
WAIT = 429

View = Callable[..., Response]


@dataclass(frozen=True)
class Once:
    """One run of a request: the key for the operations beneath, its time, and who asks."""

    key: str
    now: datetime
    actor: User

    @property
    def arguments(self) -> dict[str, Any]:
        """What every operation with a key is given."""
        return {"actor": self.actor, "idempotency_key": self.key, "now": self.now}


def once(method: View, *, atomic: bool) -> View:
    """A view's method that runs once for each key, and finds the run in ``self.once``.

    ``atomic``: the change and its answer are one transaction. False for what has to be the
    outermost transaction itself, and has a key of its own: that of ``once``. Refusals of the domain
    are kept like results. What was refused before anything began isn't: a request that can't be
    read, isn't allowed, or comes too often.
    """

    @wraps(method)
    def run(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        now = timezone.now()
        claim = idempotency.claim_key(
            get_user(request), _read_key(request), fingerprint=_take_print(request), now=now
        )
        if claim.answer is not None:
            return _replay(claim.answer)
        view.once = Once(claim.derived_key, now, get_user(request))
        return _run(view, claim, partial(method, view, request, *args, **kwargs), atomic=atomic)

    return run


def _run(
    view: Any, claim: idempotency.Claim, work: Callable[[], Response], *, atomic: bool
) -> Response:
    def work_and_store() -> Response:
        response = work()
        idempotency.store_answer(claim, _keep(response))
        return response

    try:
        return in_transaction(work_and_store) if atomic else work_and_store()
    except TokenPaymentsError as error:
        response: Response = view.handle_exception(error)
        if response.status_code >= FAILED or response.status_code == WAIT:
            idempotency.release_key(claim)
        else:
            idempotency.store_answer(claim, _keep(response))
        return response
    except Exception:
        idempotency.release_key(claim)
        raise


def _read_key(request: Request) -> str:
    key = request.headers.get(HEADER, "")
    if not 1 <= len(key) <= MAX_KEY:
        raise KeyMissing
    return key


def _take_print(request: Request) -> str:
    """The fingerprint of a request: method, address, parameters, version and body."""
    parts = [
        str(request.method),
        request.get_full_path(),
        request.headers.get("If-Match", ""),
        json.dumps(request.data, sort_keys=True, default=str),
    ]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def show_once(response: Response, name: str) -> Response:
    """The field is a secret: the first answer has it, and what is kept for a retry null."""
    response.shown_once = name  # type: ignore[attr-defined]
    return response


def _keep(response: Response) -> idempotency.Answer:
    data, secret = response.data, getattr(response, "shown_once", None)
    if secret is not None:
        data = {**data, secret: None}
    body = "" if data is None else JSONRenderer().render(data).decode()
    headers = {name: response[name] for name in KEPT_HEADERS if response.has_header(name)}
    return idempotency.Answer(response.status_code, body, headers)


def _replay(answer: idempotency.Answer) -> Response:
    data = json.loads(answer.body) if answer.body else None
    is_problem = answer.status >= 400  # noqa: PLR2004 (HTTP's)
    return Response(
        data,
        status=answer.status,
        headers={**answer.headers, REPLAYED: "true"},
        content_type=MEDIA_TYPE if is_problem else None,
    )
