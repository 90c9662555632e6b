"""The page to read: Redoc, from static files, over the description that the code makes."""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from django.contrib.staticfiles import finders
from django.test import TestCase, override_settings

from tests.rest_api.base import ROOT
from token_payments.rest_api.v1.document import make_document

PAGE = f"{ROOT}/docs/"
FILE = f"{ROOT}/openapi.yaml"


class ReferenceTest(TestCase):
    def test_every_operation_is_in_the_description_that_the_page_draws(self) -> None:
        html = self.client.get(PAGE).content.decode()
        self.assertIn(f'<redoc spec-url="{FILE}"', html)
        drawn = yaml.safe_load(self.client.get(FILE).content)
        self.assertEqual(drawn["paths"].keys(), make_document()["paths"].keys())
        for path, methods in make_document()["paths"].items():
            for method, facts in methods.items():
                there = drawn["paths"][path][method]
                self.assertEqual(there["operationId"], facts["operationId"])
                self.assertEqual(there["description"], facts["description"])

    def test_all_that_the_page_needs_is_served_by_the_site(self) -> None:
        answer = self.client.get(PAGE)
        html = answer.content.decode()
        self.assertNotIn("//", re.sub(r"<!doctype[^>]*>", "", html, flags=re.I))
        scripts = re.findall(r'<script src="/static/([^"]+)">', html)
        self.assertEqual(len(scripts), html.count("<script"))
        self.assertEqual([name for name in scripts if not finders.find(name)], [])
        self.assertIn("drf_spectacular_sidecar/redoc/bundles/redoc.standalone.js", scripts)

    def test_the_browser_is_told_to_fetch_nothing_elsewhere(self) -> None:
        policy = self.client.get(PAGE)["Content-Security-Policy"].split("; ")
        for kind in ("connect-src", "font-src", "img-src"):
            [sources] = [each.split()[1:] for each in policy if each.startswith(kind)]
            self.assertLessEqual(set(sources), {"'self'", "data:"})

    def test_there_is_a_way_back(self) -> None:
        self.assertContains(self.client.get(PAGE), 'href="/token-payments/tokens/"')

    def test_everybody_may_read_it_and_nobody_while_the_plugin_is_off(self) -> None:
        for path in (PAGE, FILE):
            self.assertEqual(self.client.get(path).status_code, 200)
            self.assertEqual(self.client.head(path).status_code, 200)
            self.assertEqual(self.client.post(path).status_code, 405)
        with override_settings(TOKEN_PAYMENTS_ENABLED=False):
            for path in (PAGE, FILE):
                self.assertEqual(self.client.get(path).status_code, 404)

    def test_the_file_is_the_committed_one(self) -> None:
        answer = self.client.get(FILE)
        page = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"
        self.assertEqual(answer.content.decode(), page.read_text())
        self.assertTrue(answer["Content-Type"].startswith("application/yaml"))
