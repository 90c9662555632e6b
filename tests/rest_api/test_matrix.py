"""Every address of the API, for every kind of user: who is answered, who is refused, who sees 404.

The table is in ``matrix.py``; an address that isn't in it fails. Nothing changes in any table for
those who aren't answered.
"""

from __future__ import annotations

from io import StringIO
from typing import Any

import ddt
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import transaction
from django.test import TestCase, override_settings
from django.utils import timezone

from tests import factories
from tests.rest_api.base import ApiClient, permit
from tests.rest_api.matrix import ALL, CALLS, COURSE, EDITING, GROUPS, KINDS, OTHER, Call
from tests.security.test_portal_matrix import take_snapshot
from token_payments.assignments import operations as assignment_operations
from token_payments.bulk import operations as bulk_operations
from token_payments.models import CodeAssignment, TokenSettings
from token_payments.rest_api.v1.urls import urlpatterns
from token_payments.webhooks import operations as webhook_operations

NOW = timezone.now
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


class MatrixCase(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        factories.allow_paid()
        factories.make_course(COURSE)
        factories.make_course(OTHER)
        cls.people = {kind: factories.make_user(kind) for kind in KINDS}
        cls.people["operator"].is_superuser = True
        cls.people["operator"].save()
        call_command("token_payments_api_roles", stdout=StringIO())
        for kind, name in GROUPS.items():
            cls.people[kind].groups.add(Group.objects.get(name=name))
        cls.people["editor"] = permit(cls.people["editor"], *EDITING)
        people = cls.people
        cls.gold, cls.silver = factories.make_type(days=90), factories.make_type("Silver")
        cls.account = factories.make_account(
            managers=[people["manager"]], members=[people["member"]]
        )
        cls.other_account = factories.make_account("Other", managers=[people["manager"]])
        TokenSettings.objects.create(transfers_allowed=True)
        cls.item = factories.make_item(
            COURSE, methods=["token_code", "wallet"], token_prices={cls.gold: 2}
        )
        cls.issue = factories.issue_tokens(cls.account, cls.gold, 20)
        cls.wallet = factories.find_wallet(cls.account, cls.gold)
        shared = {"buyer": people["buyer"], "account": cls.account}
        cls.order = factories.make_processed_order(cls.item, quantity=6, **shared)
        cls.requested = factories.make_order(cls.item, **shared)
        assignment_operations.add_delegate(
            cls.order, people["helper"], actor=people["buyer"], now=NOW()
        )
        assignment_operations.add_delegate(
            cls.requested, people["helper"], actor=people["buyer"], now=NOW()
        )
        codes = factories.list_codes(cls.order)
        cls.redemption = factories.redeem(people["learner"], cls.item, codes[0])
        assignment_operations.assign_codes(
            cls.order.pk,
            [assignment_operations.Recipient("zoe@example.com")],
            actor=people["buyer"],
            idempotency_key="1",
            now=NOW(),
        )
        cls.assignment = CodeAssignment.objects.get()
        add = {"url": "https://hooks.example.com/", "actor": people["operator"], "now": NOW()}
        cls.endpoint = webhook_operations.add_endpoint(account_id=cls.account.pk, **add)
        cls.site_endpoint = webhook_operations.add_endpoint(account_id=None, **add)
        cls.delivery = webhook_operations.send_test(cls.endpoint.pk, now=NOW())
        cls.code = codes[5]
        cls.other_order = factories.make_processed_order(cls.item, quantity=2, **shared)
        assignment_operations.add_delegate(
            cls.other_order, people["helper"], actor=people["buyer"], now=NOW()
        )
        cls.wish = assignment_operations.request_cancellation(
            cls.order.pk,
            quantity=1,
            reason="left",
            actor=people["buyer"],
            idempotency_key="2",
            now=NOW(),
        )
        pay = {"actor": people["editor"], "wallet": cls.wallet, "item_key": COURSE, "tokens": 2}
        cls.job = bulk_operations.start_redeeming(
            names=["member", "learner"], idempotency_key="job", now=NOW(), **pay
        )
        cls.done = bulk_operations.start_redeeming(
            names=["nobody"], idempotency_key="done", now=NOW(), **pay
        )
        bulk_operations.run_job(cls.done.pk, clock=NOW)
        cls.order_job = bulk_operations.start_assigning(
            actor=people["editor"],
            order_id=cls.order.pk,
            recipients=[assignment_operations.Recipient("yan@example.com")],
            idempotency_key="given",
            now=NOW(),
        )

    def call(self, kind: str | None, call: Call) -> Any:
        client = ApiClient(self.people[kind] if kind else None)
        version = "*" if call.method == "PATCH" else None
        return client.send(call.method, call.path(self), call.body(self), version=version)


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
        for kind in KINDS:
            with self.subTest(kind=kind):
                self.check(kind, name, call)

    def check(self, kind: str, name: str, call: Call) -> None:
        before = take_snapshot()
        point = transaction.savepoint()
        answer = self.call(kind, call)
        found = answer.status_code
        if kind in call.who:
            self.assertEqual(found, call.status, answer.content)
        else:
            refusal = 403 if kind in call.forbidden else UNKNOWN.get(name, 404)
            self.assertEqual(found, BY_DATA.get((name, kind), refusal), answer.content)
            kept = ("token_payments.StoredAnswer",)  # a refusal of the domain is remembered
            after = take_snapshot()
            for label in set(before) - set(kept):
                self.assertEqual(after[label], before[label])
        transaction.savepoint_rollback(point)

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
