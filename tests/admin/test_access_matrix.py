"""Every address of the plugin's admin for every kind of visitor, by GET and by a well filled POST.

The table says who is answered; all other staff get 403, and everybody else is sent to the sign-in.
Whoever may not change anything changes nothing, in any table, and has no mail sent. An address that
isn't in the table fails the test: whoever adds one says for whom it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Any

import ddt
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core import mail
from django.db import transaction
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.admin.base import COURSE
from token_payments import api
from token_payments.admin.once import make_key

#: From the most to the least; "nobody" is for what not even a superuser gets.
RANKS = ("nobody", "superuser", "course_admin", "viewer", "staff")
OUTSIDERS = ("buyer", "anonymous")
POWERLESS = ("viewer", "staff", *OUTSIDERS)
ADMIN, VIEWER, NOBODY = "course_admin", "viewer", "nobody"


@dataclass(frozen=True)
class Page:
    """The lowest rank that is answered by GET and by POST, and what is posted.

    ``writes``: what is posted changes something when a course admin does it.
    """

    get: str
    post: str
    data: Callable[[Any], dict[str, Any]] = field(default=lambda case: {})
    writes: bool = False
    args: Callable[[Any], list[Any]] = field(default=lambda case: [])


def of(name: str) -> Callable[[Any], list[Any]]:
    """The address has the number of this object of the case."""
    return lambda case: [getattr(case, name).pk]


def acting(name: str, data: Any = lambda case: {}, *, writes: bool = True) -> Page:
    """A page for those who may change the object alone."""
    return Page(ADMIN, ADMIN, data, writes, of(name))


def seeing(name: str) -> Page:
    """A page of an object that only shows something, whatever is sent to it."""
    return Page(VIEWER, VIEWER, args=of(name))


def kept(name: str) -> dict[str, Page]:
    """What nobody adds, edits or deletes in the admin."""
    return {
        "changelist": Page(VIEWER, VIEWER),
        "add": Page(NOBODY, NOBODY),
        "change": Page(VIEWER, NOBODY, args=of(name)),
        "delete": Page(NOBODY, NOBODY, lambda case: {"post": "yes"}, args=of(name)),
        "history": seeing(name),
    }


def set_up(name: str, data: Any) -> dict[str, Page]:
    """What course admins add and edit, and nobody deletes once it is used."""
    return {
        "changelist": Page(VIEWER, VIEWER),
        "add": Page(ADMIN, ADMIN, lambda case: {**data(case), **NEW}, writes=True),
        "change": Page(VIEWER, ADMIN, data, True, of(name)),
        "delete": Page(NOBODY, NOBODY, lambda case: {"post": "yes"}, args=of(name)),
        "history": seeing(name),
        "simple_history": Page(
            VIEWER, NOBODY, args=lambda case: [getattr(case, name).pk, history_id(case, name)]
        ),
    }


def history_id(case: Any, name: str) -> int:
    return int(getattr(case, name).history.first().pk)


NEW = {"name": "Brand new", "reference": "NEW-1", "item_key": "course-v1:Acme+NEW+2026"}
REFUND = {"refund_amount": "0"}

ORDER_PAGES = {
    **kept("order"),
    "add": Page(
        ADMIN,
        ADMIN,
        lambda case: {"buyer": "buyer", "item": case.item.pk, "quantity": 2, **factories.ADDRESS},
        writes=True,
    ),
    "change": Page(
        VIEWER,
        ADMIN,
        lambda case: {"buyer": "buyer", "item": case.item.pk, "quantity": 9, **factories.ADDRESS},
        True,
        of("requested"),
    ),
    "search": Page(VIEWER, VIEWER, lambda case: {"q": case.code}),
    "people": Page(ADMIN, ADMIN),
    "accounts": Page(ADMIN, ADMIN),
    "groups": Page(ADMIN, ADMIN),
    "finish_processing": acting("requested"),
    "decline": acting("requested", lambda case: {"reason": "No"}),
    "resume": acting("requested"),
    "cancel": acting("order", lambda case: REFUND),
    "progress": seeing("order"),
    "tokens": seeing("order"),
    "tokens_search": Page(VIEWER, VIEWER, lambda case: {"q": case.code}, args=of("order")),
    "reveal": acting("order"),
    "download": acting("order"),
    "email_tokens": acting("order"),
    "cancel_tokens": acting(
        "order",
        lambda case: {**REFUND, "quantity": 1, "idempotency_key": make_key()},
    ),
    "grant_cancellation": acting("order", lambda case: {**REFUND, "wish": case.wish.pk}),
    "decline_cancellation": acting("order", lambda case: {"answer": "No", "wish": case.wish.pk}),
    "helpers": Page(
        VIEWER,
        ADMIN,
        lambda case: {"action": "add", "user": "lee"},
        True,
        of("order"),
    ),
    "invoice": seeing("order"),
    "invoice_pdf": seeing("order"),
    "cancellations": seeing("order"),
    "log": seeing("order"),
}
ACCOUNT_PAGES = {
    **set_up("account", lambda case: {"name": "Acme", "reference": "C-1"}),
    "people": Page(ADMIN, ADMIN),
    "members": Page(
        VIEWER,
        ADMIN,
        lambda case: {"action": "add", "user": "lee", "role": "member"},
        True,
        of("account"),
    ),
    "freeze": acting("account", lambda case: {"reason": "Unpaid"}),
    "unfreeze": acting("frozen", lambda case: {"reason": "Paid"}),
}
TYPE_PAGES = {
    **set_up("gold", lambda case: {"name": "Gold", "redemption_days": "30"}),
    # whoever may delete is told what uses the type
    "delete": Page(ADMIN, ADMIN, lambda case: {"post": "yes"}, args=of("gold")),
    "archive": acting("gold"),
    "restore": acting("archived"),
}
ISSUE_PAGES = {
    **kept("issue"),
    "add": Page(
        ADMIN,
        ADMIN,
        lambda case: {
            "account": "Acme",
            "token_type": case.gold.pk,
            "quantity": 5,
            "idempotency_key": make_key(),
        },
        writes=True,
    ),
    "accounts": Page(ADMIN, ADMIN),
    "extend": Page(
        ADMIN,
        ADMIN,
        lambda case: {
            "issues": case.issue.pk,
            "expires_at": "2099-12-31",
            "reason": "Late",
            "idempotency_key": make_key(),
        },
    ),
    "adjust": acting(
        "issue",
        lambda case: {
            "direction": "down",
            "quantity": 1,
            "reason": "Miscounted",
            "idempotency_key": make_key(),
        },
    ),
}
ITEM = {"enrolment_method": "paid", "payment_methods": "token_code", "seats": "7"}
#: By the name of the model, then of the page.
PAGES: dict[str, dict[str, Page]] = {
    "tokenorder": ORDER_PAGES,
    "account": ACCOUNT_PAGES,
    "tokentype": TYPE_PAGES,
    "tokenissue": ISSUE_PAGES,
    "ledgerentry": {
        **kept("entry"),
        "statement": seeing("wallet"),
        "statement_csv": seeing("wallet"),
    },
    "redemption": kept("redemption"),
    "catalogueitem": {
        **set_up("item", lambda case: ITEM),
        "courses": Page(ADMIN, ADMIN),
        # an earlier version may be gone back to, which is a change
        "simple_history": Page(
            VIEWER, ADMIN, args=lambda case: [case.item.pk, history_id(case, "item")]
        ),
    },
    "enrolmentsettings": {
        **kept("enrolment_settings"),
        "add": Page(ADMIN, ADMIN, lambda case: {"default_method": "free"}, writes=True),
    },
    "tokensettings": {
        **kept("token_settings"),
        "add": Page(ADMIN, ADMIN, lambda case: {"adjustments_allowed": "on"}, writes=True),
    },
}
TABLE = [(model, page) for model, pages in PAGES.items() for page in pages]


def take_stock() -> dict[str, Any]:
    """Everything that the plugin keeps, and the mails that were sent."""
    rows = {
        model.__name__: list(model._base_manager.order_by("pk").values_list())
        for model in apps.get_app_config("token_payments").get_models(include_auto_created=True)
    }
    return {**rows, "mails": len(mail.outbox)}


@ddt.ddt
class AccessTests(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        from token_payments.models import EnrolmentSettings, TokenIssue, TokenSettings

        now = timezone.now()
        cls.enrolment_settings: EnrolmentSettings = factories.allow_paid()
        cls.token_settings = TokenSettings.objects.create()
        factories.make_course(COURSE)
        factories.make_course(NEW["item_key"])
        cls.gold = factories.make_type("Gold")
        cls.archived = factories.make_type("Tin")
        cls.item = factories.make_item(COURSE)
        make_people(cls)
        api.archive_type(cls.archived.pk, actor=cls.superuser)
        cls.account = factories.make_account("Acme", members=[cls.buyer])
        cls.frozen = factories.make_account("Frozen")
        api.freeze_account(cls.frozen.pk, actor=cls.superuser)
        cls.issue: TokenIssue = factories.issue_tokens(
            cls.account, cls.gold, 5, expires_at=now + timedelta(days=5)
        )
        cls.wallet, cls.entry = cls.issue.wallet, cls.issue.entries.get()
        cls.requested = factories.make_order(cls.item, buyer=cls.buyer, tax_rate=Decimal(20))
        cls.order = factories.make_processed_order(cls.item, buyer=cls.buyer, quantity=5)
        cls.code = factories.list_codes(cls.order)[1]
        first = factories.list_codes(cls.order)[0]
        cls.redemption = factories.redeem(factories.make_user("pat"), cls.item, first)
        cls.wish = api.request_cancellation(
            cls.order.pk, quantity=1, reason="", actor=cls.buyer, idempotency_key="w", now=now
        )

    def test_every_address_is_in_the_table(self) -> None:
        found = set()
        for model, model_admin in admin.site._registry.items():
            if model._meta.app_label == "token_payments":
                name = str(model._meta.model_name)
                prefix = f"token_payments_{name}_"
                names = [pattern.name for pattern in model_admin.get_urls()]
                # the one without a name is Django's own, which leads on to the page "change"
                found |= {(name, each.removeprefix(prefix)) for each in names if each}

        self.assertEqual(found, set(TABLE))

    @ddt.data(*TABLE)
    @ddt.unpack
    def test_it_answers_those_whom_the_table_names(self, model, name) -> None:
        page = PAGES[model][name]
        url = reverse(f"admin:token_payments_{model}_{name}", args=page.args(self))
        before = take_stock()
        for kind in (*RANKS[1:], *OUTSIDERS):
            for method, lowest in (("get", page.get), ("post", page.post)):
                with self.subTest(kind=kind, method=method):
                    answer, after = self.ask(kind, method, url, page)
                    self.check(kind, lowest, answer)
                    if kind in POWERLESS or method == "get":
                        self.assertEqual(after, before)
                    elif page.writes:
                        self.assertNotEqual(after, before)

    def ask(self, kind: str, method: str, url: str, page: Page) -> tuple[Any, dict[str, Any]]:
        """The answer, and what there is after it; nothing of it stays."""
        self.client.logout()
        if kind != "anonymous":
            self.client.force_login(getattr(self, kind))
        sent = page.data(self) if method == "post" else {}
        with transaction.atomic():
            with self.captureOnCommitCallbacks(execute=True):
                answer = getattr(self.client, method)(url, sent)
            if answer.streaming:
                b"".join(answer.streaming_content)
            after = take_stock()
            transaction.set_rollback(True)
        mail.outbox.clear()
        return answer, after

    def check(self, kind: str, lowest: str, answer: Any) -> None:
        if kind in OUTSIDERS:
            self.assertEqual(answer.status_code, HTTPStatus.FOUND)
            self.assertIn("/login/", answer["Location"])
        elif RANKS.index(kind) > RANKS.index(lowest):
            self.assertEqual(answer.status_code, HTTPStatus.FORBIDDEN)
        else:
            usual = (HTTPStatus.OK, HTTPStatus.FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
            self.assertIn(answer.status_code, (*usual, HTTPStatus.CONFLICT))
            self.assertNotIn("/login/", answer.headers.get("Location", ""))


def make_people(case: Any) -> None:
    """A superuser, two with permissions of the plugin, staff without any, a buyer and a learner."""
    ours = Permission.objects.filter(content_type__app_label="token_payments")
    case.superuser = factories.make_user("root", is_staff=True, is_superuser=True)
    case.course_admin = factories.make_user("course_admin", is_staff=True)
    case.course_admin.user_permissions.set(ours)
    case.viewer = factories.make_user("viewer", is_staff=True)
    case.viewer.user_permissions.set(ours.filter(codename__startswith="view_"))
    case.staff = factories.make_user("staff", is_staff=True)
    case.buyer = factories.make_user("buyer")
    factories.make_user("lee")
