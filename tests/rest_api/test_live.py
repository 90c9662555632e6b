"""What schemathesis makes up, sent over HTTP to a server that runs, as several kinds of user.

``test_schema.py`` sends more, in-process; here what a server adds is in between: its headers, its
threads, real commits.
"""

from __future__ import annotations

import time
import uuid
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.examples import count_examples
from tests.rest_api.base import ROOT
from tests.rest_api.jwts import make_jwt, trust_jwts
from tests.rest_api.matrix_base import MatrixCase

pytestmark = pytest.mark.django_db(transaction=True)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
NAMES = ("operator", "manager", "buyer", "learner", "issuer", "")  # "" isn't signed in
SECONDS = 60  # for all of them; each operation is sent to at least once as each kind of user


class World(MatrixCase):
    """What the matrix is about."""


def test_every_answer_of_a_running_server_is_as_described(live_server) -> None:
    World.setUpTestData()
    end = time.monotonic() + SECONDS
    with trust_jwts():
        schema = schemathesis.openapi.from_url(f"{live_server.url}{ROOT}/openapi.yaml")
        operations = [result.ok() for result in schema.get_all_operations()]
        assert len(operations) > 50
        statuses = set()
        for operation in operations:
            for name in NAMES:
                examples = count_examples(2) if time.monotonic() < end else 1
                statuses |= send(operation, name, live_server.url, examples=examples)
    assert statuses >= {200, 201, 400, 401, 403, 404}


def send(operation: Any, name: str, url: str, *, examples: int) -> set[int]:
    """What was answered."""
    statuses = set()

    @seed(7)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def run(case: Any) -> None:
        headers = {"Authorization": f"JWT {make_jwt(name)}"} if name else {}
        if "Idempotency-Key" in case.headers:
            headers["Idempotency-Key"] = uuid.uuid4().hex
        case.headers.pop("Authorization", None)
        answer = case.call(base_url=url, headers=headers)
        statuses.add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)
        if not name:
            assert answer.status_code in {401, 405}, answer.status_code

    run()
    return statuses
