"""The page to read: every operation with what it takes and gives."""

from __future__ import annotations

import os
from html import unescape
from pathlib import Path

from django.test import TestCase

from tests.rest_api.base import ROOT
from token_payments.rest_api.v1.document import make_document
from token_payments.rest_api.v1.reference import list_operations


class ReferenceTest(TestCase):
    def test_every_operation_is_on_the_page(self) -> None:
        html = unescape(self.client.get(f"{ROOT}/docs/").content.decode())
        if os.environ.get("API_PAGE"):
            Path(os.environ["API_PAGE"]).write_text(html)
        for methods in make_document()["paths"].values():
            for facts in methods.values():
                self.assertIn(f'id="{facts["operationId"]}"', html)
                self.assertIn(facts["description"].partition("\n")[0], html)

    def test_fields_are_named_by_the_way_to_them(self) -> None:
        [create] = [
            each for each in list_operations()["Accounts"] if each.anchor == "accounts_create"
        ]
        body = {field.name: field for field in create.body}
        self.assertTrue(body["name"].is_required)
        self.assertEqual(body["reference"].kind, "string or null")
        self.assertIn("billing.country", body)
        answer = {field.name: field for field in create.answer}
        self.assertEqual(answer["role"].kind, "member | manager or null")
        [listing] = [each for each in list_operations()["Orders"] if each.anchor == "orders_list"]
        self.assertIn("results[].money.total", {field.name for field in listing.answer})

    def test_the_file_is_the_committed_one(self) -> None:
        answer = self.client.get(f"{ROOT}/openapi.yaml")
        page = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"
        self.assertEqual(answer.content.decode(), page.read_text())
        self.assertTrue(answer["Content-Type"].startswith("application/yaml"))
