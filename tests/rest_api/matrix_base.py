"""One of everything that the API has an address for, and every kind of user."""

from __future__ import annotations

from io import StringIO
from typing import Any

from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import TestCase
from django.utils import timezone

from tests import factories
from tests.rest_api.base import ApiClient, permit
from tests.rest_api.matrix import COURSE, EDITING, GROUPS, KINDS, OTHER, Call
from token_payments.assignments import operations as assignment_operations
from token_payments.bulk import operations as bulk_operations
from token_payments.models import CodeAssignment, TokenSettings
from token_payments.webhooks import operations as webhook_operations

NOW = timezone.now


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
