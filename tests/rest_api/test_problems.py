"""What is refused: one table, every error in it, and one shape of answers."""

from __future__ import annotations

import inspect
from typing import Any

import ddt
from django.test import SimpleTestCase, TestCase, override_settings
from rest_framework import exceptions

from tests import factories
from tests.rest_api.base import ROOT, ApiClient, permit
from token_payments import errors
from token_payments.errors import TokenPaymentsError
from token_payments.presenters.refusals import CATALOGUE
from token_payments.rest_api.problems import HTTP_PROBLEMS, MEDIA_TYPE


class TableTest(SimpleTestCase):
    def test_every_error_of_the_plugin_stands_in_the_table(self) -> None:
        found = {
            each
            for _, each in inspect.getmembers(errors, inspect.isclass)
            if issubclass(each, TokenPaymentsError)
        }
        self.assertEqual(found - set(CATALOGUE), set())

    def test_no_error_is_answered_as_a_success_or_as_a_crash(self) -> None:
        for error, entry in CATALOGUE.items():
            self.assertIn(entry.status, (400, 409, 412, 422, 429, 503), error)
            self.assertRegex(entry.code or error.reason, r"^[a-z_]+$")

    def test_what_drf_raises_stands_in_the_other_table(self) -> None:
        raised = [
            each
            for _, each in inspect.getmembers(exceptions, inspect.isclass)
            if issubclass(each, exceptions.APIException) and each is not exceptions.APIException
        ]
        for each in raised:
            self.assertTrue(set(each.__mro__) & set(HTTP_PROBLEMS), each)


@ddt.ddt
class ShapeTest(TestCase):
    def setUp(self) -> None:
        self.user = permit(factories.make_user("program"), "add_tokentype", "add_account")
        self.api = ApiClient(self.user)

    def check(self, answer: Any, status: int, code: str) -> dict[str, Any]:
        self.assertEqual(answer.status_code, status, answer.content)
        self.assertEqual(answer["Content-Type"], MEDIA_TYPE)
        body: dict[str, Any] = answer.json()
        self.assertEqual((body["status"], body["code"]), (status, code))
        self.assertEqual(body["type"], f"urn:token-payments:problem:{code}")
        self.assertTrue(body["title"] and body["detail"] and body["reason"])
        return body

    def test_errors_of_fields_are_told_by_their_path(self) -> None:
        body = {"name": "", "redemption_days": 0, "unit_price": "1", "colour": "red"}
        found = self.check(self.api.post("/token-types/", body), 400, "invalid")
        self.assertEqual(list(found["errors"]), ["colour"])
        del body["colour"]
        found = self.check(self.api.post("/token-types/", body), 400, "invalid")
        self.assertEqual(set(found["errors"]), {"name", "redemption_days"})
        nested = {"name": "Acme", "billing": {"country": "XX"}}
        found = self.check(self.api.post("/accounts/", nested), 400, "invalid")
        self.assertEqual(list(found["errors"]), ["billing.country"])

    def test_a_name_that_is_taken_is_a_conflict_at_its_field(self) -> None:
        self.assertEqual(self.api.post("/token-types/", {"name": "Gold"}).status_code, 201)
        found = self.check(self.api.post("/token-types/", {"name": "Gold"}), 409, "name_taken")
        self.assertEqual(found["errors"], {"name": ["name_taken"]})

    def test_strangers_to_the_site_are_401_and_told_how_to_sign_in(self) -> None:
        answer = ApiClient().get("/token-types/")
        self.check(answer, 401, "not_authenticated")
        self.assertIn("realm", answer["WWW-Authenticate"])

    @ddt.data(
        ("{", 400, "malformed"),
        ("[" * 100_000, 400, "malformed"),
        ("[]", 400, "invalid"),
        ("null", 400, "invalid"),
        ('{"name": NaN}', 400, "malformed"),
        ('{"name": "\\u0000"}', 400, "invalid"),
        ('{"name": "\\ud800"}', 400, "invalid"),
        ('{"name": ["a"]}', 400, "invalid"),
    )
    @ddt.unpack
    def test_bodies_that_make_no_sense(self, body: str, status: int, code: str) -> None:
        answer = self.api.client.post(
            f"{ROOT}/token-types/",
            body,
            content_type="application/json",
            headers={"Idempotency-Key": "1"},
        )
        self.check(answer, status, code)

    @ddt.data("/", "/accounts", "/accounts/-1/", "/accounts/x/", "/nothing/", "/accounts/1/x/")
    def test_other_addresses(self, path: str) -> None:
        for method in ("GET", "POST", "DELETE"):
            self.check(self.api.send(method, path), 404, "not_found")

    @ddt.data("/accounts/999999/", "/accounts/99999999999999999999/", "/orders/1/", "/issues/1/")
    def test_what_isnt_there(self, path: str) -> None:
        self.check(self.api.get(path), 404, "not_found")

    @ddt.data(
        {"cursor": "x"},
        {"cursor": "cD1hYmM="},  # p=abc
        {"cursor": "cD0lMDA="},  # p=%00
        {"cursor": "bz0tMQ=="},  # o=-1
    )
    def test_cursors_that_are_none_of_ours(self, query: dict[str, str]) -> None:
        answer = self.api.get("/issues/", **query)
        self.assertIn(answer.status_code, (200, 404), answer.content)

    @ddt.data(
        "account=x",
        "account=0",
        "account=99999999999999999999",
        "expires_before=2026-01-01",
        "expires_before=0001-01-01T00:00:00%2B14:00",
        "source=x",
        "reference=%00",
    )
    def test_filters_that_no_database_takes(self, query: str) -> None:
        found = self.api.client.get(f"{ROOT}/issues/?{query}")
        self.check(found, 400, "invalid")

    def test_other_methods_and_formats(self) -> None:
        self.check(self.api.send("PUT", "/token-types/"), 405, "method_not_allowed")
        self.check(self.api.send("OPTIONS", "/token-types/"), 405, "method_not_allowed")
        answer = self.api.client.post(
            f"{ROOT}/token-types/", {"name": "Gold"}, headers={"Idempotency-Key": "1"}
        )
        self.check(answer, 415, "unsupported_media_type")
        answer = self.api.get("/token-types/", headers={"Accept": "text/html"})
        self.check(answer, 406, "not_acceptable")

    @override_settings(TOKEN_PAYMENTS_ENABLED=False)
    def test_switched_off_there_is_nothing(self) -> None:
        self.check(self.api.get("/token-types/"), 404, "not_found")
        self.check(ApiClient().get("/token-types/"), 404, "not_found")

    def test_answers_are_never_stored_by_others(self) -> None:
        self.assertEqual(self.api.get("/token-types/")["Cache-Control"], "no-store")
