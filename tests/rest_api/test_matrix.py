"""Every address of the API, for every kind of user: who is answered, who is refused, who sees 404.

The table is in ``matrix.py``; an address that isn't in it fails. Nothing changes in any table for
those who aren't answered.
"""

from __future__ import annotations

import ddt
from django.db import transaction
from django.test import override_settings

from tests.rest_api.base import ApiClient
from tests.rest_api.matrix import ALL, CALLS, KINDS, Call
from tests.rest_api.matrix_base import MatrixCase
from tests.snapshots import take_snapshot
from token_payments.rest_api.v1.urls import urlpatterns

#: The description is for everybody, and holds nothing of anybody's.
PUBLIC = {"reference": "/docs/", "openapi": "/openapi.yaml"}
#: All but these, and the one that stands for every other address.
ADDRESSES = {
    str(pattern.name): pattern.callback
    for pattern in urlpatterns
    if pattern.name not in {"missing", *PUBLIC}
}
#: Not refused at the door, but for what they ask: the learner has paid before, the member is no
#: manager, and to the others there is no such wallet.
BY_DATA = {
    ("redemption-list", "learner"): 409,
    ("redemption-members", "member"): 409,
    ("redemption-bulk", "member"): 409,
}
UNKNOWN = {"redemption-members": 400, "redemption-bulk": 400, "webhook-endpoint-list": 400}


@ddt.ddt
class MatrixTest(MatrixCase):
    def test_every_address_stands_in_the_table(self) -> None:
        self.assertEqual(set(ADDRESSES), set(CALLS))

    def test_every_method_of_every_address_is_called(self) -> None:
        for name, view in ADDRESSES.items():
            known = {method.upper() for method in view.actions if method != "head"}
            called = {call.method for call in CALLS[name]}
            self.assertEqual(called, known, name)

    @ddt.data(*((name, number) for name, calls in CALLS.items() for number in range(len(calls))))
    @ddt.unpack
    @override_settings(
        TOKEN_PAYMENTS={
            "CODE_KEYS": {"test": "a key for tests, it protects nothing at all"},
            "BUYERS_MAY_CANCEL": True,
        }
    )
    def test_address(self, name: str, number: int) -> None:
        call = CALLS[name][number]
        before = take_snapshot()
        del before["token_payments.StoredAnswer"]  # a refusal of the domain is remembered
        for kind in KINDS:
            for _ in range(2):
                with self.subTest(kind=kind):
                    self.check(kind, name, call)
        after = take_snapshot()
        self.assertEqual({label: after[label] for label in before}, before)

    def check(self, kind: str, name: str, call: Call) -> None:
        """What is done for those who are answered is undone."""
        point = transaction.savepoint()
        answer = self.call(kind, call)
        found = answer.status_code
        if kind in call.who:
            self.assertEqual(found, call.status, answer.content)
            transaction.savepoint_rollback(point)
        else:
            refusal = 403 if kind in call.forbidden else UNKNOWN.get(name, 404)
            self.assertEqual(found, BY_DATA.get((name, kind), refusal), answer.content)
            transaction.savepoint_commit(point)

    def test_nobody_who_isnt_signed_in_is_answered(self) -> None:
        before = take_snapshot()
        for calls in CALLS.values():
            for call in calls:
                self.assertEqual(self.call(None, call).status_code, 401)
        self.assertEqual(take_snapshot(), before)

    def test_sessions_need_the_csrf_token(self) -> None:
        before = take_snapshot()
        for calls in CALLS.values():
            for call in calls:
                client = ApiClient(self.people["operator"])
                client.client.handler.enforce_csrf_checks = True
                if call.method != "GET":
                    answer = client.send(call.method, call.path(self), call.body(self))
                    self.assertEqual(answer.status_code, 403)
        self.assertEqual(take_snapshot(), before)

    @override_settings(TOKEN_PAYMENTS_ENABLED=False)
    def test_switched_off_nobody_finds_anything(self) -> None:
        for calls in CALLS.values():
            for call in calls:
                self.assertEqual(self.call("operator", call).status_code, 404)

    def test_the_description_is_for_everybody_while_the_plugin_is_on(self) -> None:
        for kind in (None, *KINDS):
            client = ApiClient(self.people[kind] if kind else None)
            for path in PUBLIC.values():
                self.assertEqual(client.get(path).status_code, 200)
                self.assertEqual(client.post(path).status_code, 405)
        with override_settings(TOKEN_PAYMENTS_ENABLED=False):
            for path in PUBLIC.values():
                self.assertEqual(ApiClient().get(path).status_code, 404)

    def test_lists_show_strangers_nothing_of_others(self) -> None:
        for name in ("account", "wallet", "issue", "order", "redemption"):
            [call] = [each for each in CALLS[f"{name}-list"] if each.method == "GET"]
            self.assertEqual(self.call("stranger", call).json()["results"], [], name)
        self.assertEqual(self.call("stranger", CALLS["events"][0]).json()["events"], [])

    def test_helpers_see_no_money(self) -> None:
        call = CALLS["order-detail"][0]
        self.assertIsNone(self.call("helper", call).json()["money"])
        self.assertIsNone(self.call("helper", call).json()["billing"])
        for kind in ("buyer", "manager", "reader"):
            self.assertEqual(self.call(kind, call).json()["money"]["unit_price"], "149.00")

    def test_members_see_no_address_of_the_account(self) -> None:
        call = CALLS["account-detail"][0]
        self.assertIsNone(self.call("member", call).json()["billing"])
        self.assertIsNotNone(self.call("manager", call).json()["billing"])

    def test_all_are_kinds(self) -> None:
        for calls in CALLS.values():
            for call in calls:
                self.assertLessEqual(call.who | call.forbidden, ALL)
