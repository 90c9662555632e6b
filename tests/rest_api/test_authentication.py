"""Who asks: JWTs of the LMS and sessions; what is wrong with one is 401, never somebody else."""

from __future__ import annotations

from typing import Any

import ddt
from django.test import TestCase

from tests import factories
from tests.rest_api.base import ROOT, ApiClient, permit
from tests.rest_api.jwts import make_jwt, trust_jwts


@ddt.ddt
class JwtTest(TestCase):
    def setUp(self) -> None:
        self.user = permit(factories.make_user("program"), "add_tokentype")
        trusted = trust_jwts()
        trusted.enable()
        self.addCleanup(trusted.disable)
        self.api = ApiClient()
        self.api.client.handler.enforce_csrf_checks = True

    def post(self, token: str) -> Any:
        headers = {"Authorization": f"JWT {token}"}
        return self.api.post("/token-types/", {"name": "Gold"}, headers=headers)

    def test_a_program_with_a_jwt_needs_no_session_and_no_csrf_token(self) -> None:
        answer = self.post(make_jwt("program"))
        self.assertEqual(answer.status_code, 201, answer.content)

    @ddt.data({"exp": 1}, {"aud": "other"}, {"preferred_username": ""})
    def test_a_jwt_that_isnt_valid(self, claims: dict[str, Any]) -> None:
        self.assertEqual(self.post(make_jwt("program", **claims)).status_code, 401)
        self.assertEqual(self.post("nonsense").status_code, 401)

    def test_one_of_an_application_that_is_restricted_to_scopes(self) -> None:
        answer = self.post(make_jwt("program", is_restricted=True))
        self.assertEqual((answer.status_code, answer.json()["code"]), (403, "permission_denied"))

    def test_a_session_without_the_csrf_token_is_403(self) -> None:
        self.api.client.force_login(self.user)
        answer = self.api.post("/token-types/", {"name": "Gold"})
        self.assertEqual((answer.status_code, answer.json()["code"]), (403, "permission_denied"))
        self.assertEqual(self.api.client.get(f"{ROOT}/token-types/").status_code, 200)
