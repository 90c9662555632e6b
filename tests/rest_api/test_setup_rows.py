"""Rows that two people may edit: the version that was read is named, and must still be it."""

from __future__ import annotations

from typing import Any

import ddt
from django.test import TestCase

from tests import factories
from tests.rest_api.base import ApiClient, permit
from token_payments.models import TokenType

COURSE = "course-v1:Api+EDIT+2026"
RIGHTS = [
    f"{verb}_{model}"
    for verb in ("add", "change", "view")
    for model in ("tokentype", "account", "catalogueitem")
]


@ddt.ddt
class VersionTest(TestCase):
    def setUp(self) -> None:
        factories.allow_paid()
        factories.make_course(COURSE)
        self.gold = factories.make_type()
        self.account = factories.make_account()
        self.item = factories.make_item(COURSE, price=10)
        self.editor = permit(factories.make_user("editor"), *RIGHTS)
        self.api = ApiClient(self.editor)

    def path(self, name: str) -> str:
        rows: dict[str, Any] = {
            "token-types": self.gold,
            "accounts": self.account,
            "catalogue-items": self.item,
        }
        return f"/{name}/{rows[name].pk}/"

    @ddt.data(
        ("token-types", {"description": "x"}, {"description": "y"}),
        ("accounts", {"billing": {"city": "Leeds"}}, {"reference": "C-9"}),
        ("catalogue-items", {"seats": 5}, {"payment_methods": []}),
    )
    @ddt.unpack
    def test_of_two_changes_of_one_version_the_second_is_refused(
        self, name: str, first: dict[str, Any], second: dict[str, Any]
    ) -> None:
        path = self.path(name)
        read = self.api.get(path)
        missing = self.api.patch(path, first)
        self.assertEqual((missing.status_code, missing.json()["code"]), (428, "version_missing"))
        done = self.api.patch(path, first, version=read["ETag"])
        self.assertEqual(done.status_code, 200, done.content)
        self.assertNotEqual(done["ETag"], read["ETag"])
        late = self.api.patch(path, second, version=read["ETag"])
        self.assertEqual((late.status_code, late.json()["code"]), (412, "version_conflict"))
        now = self.api.get(path)
        self.assertEqual((now["ETag"], now.json()), (done["ETag"], done.json()))
        again = self.api.patch(path, first, version=now["ETag"])
        self.assertEqual((again.status_code, again["ETag"]), (200, now["ETag"]))

    @ddt.data("token-types", "accounts", "catalogue-items")
    def test_weak_versions_and_lists_of_them_match_nothing(self, name: str) -> None:
        version = self.api.get(self.path(name))["ETag"]
        for given in (f"W/{version}", f'{version}, "x"', '""', "nonsense"):
            self.assertEqual(self.api.patch(self.path(name), {}, version=given).status_code, 412)

    def test_a_change_of_prices_is_a_new_version(self) -> None:
        path = self.path("catalogue-items")
        version = self.api.get(path)["ETag"]
        body = {
            "token_prices": [{"token_type": self.gold.pk, "quantity": 2}],
            "payment_methods": ["wallet"],
        }
        done = self.api.patch(path, body, version=version)
        self.assertEqual(done.status_code, 200, done.content)
        self.assertEqual(done.json()["payment_methods"], ["wallet"])
        self.assertEqual(self.api.patch(path, body, version=version).status_code, 412)

    def test_who_changed_it_stands_in_its_history(self) -> None:
        self.api.patch(self.path("token-types"), {"description": "x"}, version="*")
        self.api.post(f"{self.path('accounts')}freeze/", {"reason": "Unpaid"})
        self.assertEqual(self.gold.history.first().history_user, self.editor)
        frozen = self.account.history.first()
        self.assertEqual(
            (frozen.history_user, frozen.history_change_reason), (self.editor, "Unpaid")
        )

    def test_what_the_catalogue_refuses_is_told_by_field(self) -> None:
        answer = self.api.patch(
            self.path("catalogue-items"), {"payment_methods": ["wallet"]}, version="*"
        )
        self.assertEqual((answer.status_code, answer.json()["code"]), (400, "invalid_item"))
        self.assertEqual(answer.json()["errors"], {"token_prices": ["no_token_price"]})

    def test_a_price_needs_a_currency_also_in_two_steps(self) -> None:
        path = self.path("token-types")
        self.assertEqual(self.api.patch(path, {"unit_price": "2"}, version="*").status_code, 400)
        priced = self.api.patch(path, {"unit_price": "2.125", "currency": "gbp"}, version="*")
        self.assertEqual(priced.json()["unit_price"], "2.125")
        self.assertEqual(priced.json()["currency"], "GBP")
        self.assertEqual(self.api.patch(path, {"unit_price": "3"}, version="*").status_code, 200)
        self.assertEqual(self.api.patch(path, {"currency": ""}, version="*").status_code, 400)

    def test_a_course_is_in_the_catalogue_once(self) -> None:
        answer = self.api.post("/catalogue-items/", {"item_key": COURSE})
        self.assertEqual((answer.status_code, answer.json()["code"]), (409, "name_taken"))

    def test_a_type_in_use_is_archived_not_deleted(self) -> None:
        self.api = ApiClient(permit(self.editor, "delete_tokentype"))
        factories.issue_tokens(self.account, self.gold, 1)
        answer = self.api.delete(self.path("token-types"))
        self.assertEqual((answer.status_code, answer.json()["code"]), (409, "type_in_use"))
        silver = factories.make_type("Silver")
        self.assertEqual(self.api.delete(f"/token-types/{silver.pk}/").status_code, 204)
        self.assertEqual(list(TokenType.objects.all()), [self.gold])
