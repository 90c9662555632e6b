"""One of everything that the plugin's pages have an address for, and every kind of visitor."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.security.addresses import Address
from token_payments.assignments import operations as assignment_operations
from token_payments.models import CodeAssignment, OrderDelegate, TokenSettings
from token_payments.presenters.once import make_key

NOW = timezone.now
COURSE = "course-v1:Acme+FIRE+2026"

KINDS = (
    "buyer",  # of the order
    "helper",  # delegated to distribute it
    "manager",  # of the account that it is for
    "member",  # of that account
    "holder",  # was given one of its codes, and has used it
    "stranger",
    "staff",
    "course_admin",  # with every permission of the admin
    "operator",  # superuser
)
#: Pages of an assignment for whom it was made; other pages of assignments are for LOOKERS.
OF_HOLDER = ("use_code", "show_code")


class PortalPages(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        factories.allow_paid()
        factories.make_course(COURSE)
        cls.people = {kind: factories.make_user(kind) for kind in KINDS}
        cls.people["staff"].is_staff = True
        cls.people["operator"].is_staff = cls.people["operator"].is_superuser = True
        cls.people["course_admin"].is_staff = True
        for kind in ("staff", "operator", "course_admin"):
            cls.people[kind].save()
        wanted = Permission.objects.filter(content_type__app_label="token_payments")
        cls.people["course_admin"].user_permissions.add(*wanted)
        cls.gold = factories.make_type()
        people = cls.people
        cls.account = factories.make_account(
            managers=[people["manager"]], members=[people["member"]]
        )
        TokenSettings.objects.create(transfers_allowed=True)
        cls.other = factories.make_account("Other", managers=[people["manager"]])
        cls.item = factories.make_item(
            COURSE, methods=["token_code", "wallet"], token_prices={cls.gold: 2}
        )
        factories.issue_tokens(cls.account, cls.gold, 20)
        cls.wallet = factories.find_wallet(cls.account, cls.gold)
        cls.order = factories.make_processed_order(
            cls.item, buyer=people["buyer"], quantity=8, account=cls.account
        )
        now = NOW() - timedelta(days=2)
        assignment_operations.add_delegate(
            cls.order, people["helper"], actor=people["buyer"], now=now
        )
        cls.delegate = OrderDelegate.objects.get()
        recipients = [
            assignment_operations.Recipient("holder@example.com"),
            assignment_operations.Recipient("zoe@example.com"),
        ]
        cls.batch = assignment_operations.assign_codes(
            cls.order.pk, recipients, actor=people["buyer"], idempotency_key="1", now=now
        )
        cls.assignment = CodeAssignment.objects.get(email="zoe@example.com")
        cls.own = CodeAssignment.objects.get(email="holder@example.com")
        assignment_operations.claim_mail(cls.assignment.pk, now=now)
        assignment_operations.confirm_mail(cls.assignment.pk, now=now)
        codes = factories.list_codes(cls.order)
        cls.redemption = factories.redeem(people["holder"], cls.item, codes[0])
        assignment_operations.request_cancellation(
            cls.order.pk,
            quantity=1,
            reason="",
            actor=people["buyer"],
            idempotency_key="2",
            now=now,
        )
        cls.request = cls.order.cancellation_requests.get()
        cls.code = cls.order.codes.get(serial=5)

    def setUp(self) -> None:
        cache.clear()  # where misses are counted

    def ids(self) -> dict[str, Any]:
        return {
            "item_key": COURSE,
            "redemption_uuid": self.redemption.uuid,
            "account_id": self.account.pk,
            "type_id": self.gold.pk,
            "order_id": self.order.pk,
            "batch_id": self.batch.pk,
            "assignment_id": self.assignment.pk,
            "delegate_id": self.delegate.pk,
            "user_id": self.people["helper"].pk,
            "request_id": self.request.pk,
            "code_id": self.code.pk,
            "serial": self.code.serial,
        }

    def url(self, address: Address, **other: Any) -> str:
        own = {"assignment_id": self.own.pk} if address.name in OF_HOLDER else {}
        ids = {**self.ids(), **own, **other}
        kwargs = {name: ids[name] for name in address.parts}
        return reverse(f"token_payments:{address.name}", kwargs=kwargs)

    def form(self) -> dict[str, Any]:
        """Everything that any of the forms takes, as somebody would who may."""
        return {
            "who": "stranger",
            "role": "manager",
            "person": self.people["member"].pk,
            "remove": "1",
            "price": f"{self.gold.pk}:{self.item.pk}",
            "tokens": 2,
            "threshold": 5,
            "addresses": "new@example.com",
            "idempotency_key": make_key(),
            "quantity": 1,
            "reason": "x",
            "confirm": "1",
            "account": self.other.pk,
            "serial": self.code.serial,
            "first": 1,
            "last": 5,
            "email": "new@example.com",
            "name": "New",
            "rows": "New,new@example.com",
            "text": "new@example.com",
            "all": "1",
            "delegate": self.delegate.pk,
            "user": self.people["helper"].pk,
            "q": "ann",
        }
