"""The description of the API: up to date, without a warning, and true of what is answered."""

from __future__ import annotations

import copy
import uuid
from typing import Any

import ddt
import jsonschema
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import SimpleTestCase
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from scripts import write_openapi
from tests.examples import count_examples
from tests.rest_api.jwts import make_jwt, trust_jwts
from tests.rest_api.matrix_base import MatrixCase
from token_payments.rest_api.v1.document import make_document
from token_payments.rest_api.v1.examples import BODIES

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = count_examples(8)  # of each operation
NAMES = ("operator", "manager", "learner")

SITE = get_wsgi_application()


def serve(environ: dict[str, Any], start_response: Any) -> Any:
    """The site; a server says where a request comes from, schemathesis's client doesn't."""
    return SITE({**environ, "REMOTE_ADDR": "127.0.0.1"}, start_response)


SCHEMA = schemathesis.openapi.from_dict(copy.deepcopy(make_document()))
SCHEMA.app = serve
SCHEMA.config.update(base_url="http://testserver")
OPERATIONS = [result.ok() for result in SCHEMA.get_all_operations()]


class DescriptionTest(SimpleTestCase):
    def test_the_committed_one_is_what_the_code_says(self) -> None:
        self.assertEqual(write_openapi.PAGE.read_text(), write_openapi.render())

    def test_every_operation_says_what_it_does(self) -> None:
        for operation in OPERATIONS:
            self.assertTrue(operation.definition.raw.get("description"), operation.label)

    def test_every_body_has_an_example_that_is_right(self) -> None:
        bodies = set()
        for operation in OPERATIONS:
            raw = operation.definition.raw
            for content in raw.get("requestBody", {}).get("content", {}).values():
                bodies.add(raw["operationId"])
                schema = {**content["schema"], "components": make_document()["components"]}
                jsonschema.validate(content["example"], schema)
        self.assertEqual(bodies, set(BODIES))


@ddt.ddt
class ConformanceTest(MatrixCase):
    """What schemathesis makes up, sent to the whole stack: nothing crashes, every answer is
    as described. Half of the requests name objects that are there."""

    def setUp(self) -> None:
        trusted = trust_jwts()
        trusted.enable()
        self.addCleanup(trusted.disable)
        # As Django's own test client does: the connection, and the test's transaction, stay open.
        for signal in (request_started, request_finished):
            signal.disconnect(close_old_connections)
            self.addCleanup(signal.connect, close_old_connections)
        self.real: dict[str, Any] = {
            "id": self.order.pk,
            "account_id": self.account.pk,
            "wallet_id": self.wallet.pk,
            "order_id": self.order.pk,
            "user_id": self.people["member"].pk,
            "uuid": str(self.redemption.uuid),
            "account": self.account.pk,
            "token_type": self.gold.pk,
            "wallet": self.wallet.pk,
            "item_key": self.item.item_key,
            "code": self.code,
            "learner": "member",
            "user": "stranger",
        }
        self.by_path = {
            "token-types": self.gold.pk,
            "accounts": self.account.pk,
            "wallets": self.wallet.pk,
            "issues": self.issue.pk,
            "catalogue-items": self.item.pk,
            "assignments": self.assignment.pk,
            "orders": self.order.pk,
        }

    @ddt.data(*OPERATIONS)
    def test_operation(self, operation: Any) -> None:
        names = [name for name in self.by_path if f"/{name}/{{id}}/" in operation.path]
        own = {"id": self.by_path[names[-1]]} if names else {}

        @seed(7)
        @settings(
            max_examples=EXAMPLES,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(), is_real=st.booleans(), name=st.sampled_from(NAMES))
        def send(case: Any, is_real: bool, name: str) -> None:
            if is_real:
                for part in (case.path_parameters, case.query, case.body):
                    fill(part, {**self.real, **own})
            headers = {"Authorization": f"JWT {make_jwt(name)}"}
            if "Idempotency-Key" in case.headers:
                headers["Idempotency-Key"] = uuid.uuid4().hex
            if is_real and "If-Match" in case.headers:
                headers["If-Match"] = "*"
            case.call_and_validate(headers=headers, checks=CHECKS)

        send()


def fill(part: Any, real: dict[str, Any]) -> None:
    """Put what is there in the place of what was made up."""
    if isinstance(part, dict):
        for name in part:
            if name in real:
                part[name] = real[name]
            else:
                fill(part[name], real)
    elif isinstance(part, list):
        for each in part:
            fill(each, real)
