"""Every address of the plugin's admin, for every kind of visitor; a new one has to be listed.

``READ`` and ``ACT`` say which permission opens an address of the admin; whatever is in neither is
open to nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ddt
from django.test import override_settings
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from edx_django_utils.cache import TieredCache

from tests import factories
from tests.admin.base import AdminCase, admin_url, make_staff
from tests.security.addresses import list_admin_addresses
from token_payments.assignments import operations as assignment_operations
from token_payments.bulk import operations as bulk_operations
from token_payments.models import (
    Account,
    AccountMember,
    CatalogueItem,
    EnrolmentSettings,
    LedgerEntry,
    Redemption,
    Retirement,
    TokenIssue,
    TokenOrder,
    TokenSettings,
    TokenType,
    WebhookDelivery,
    WebhookEndpoint,
)
from token_payments.orders import queries as order_queries
from token_payments.presenters.once import make_key
from token_payments.webhooks import operations as webhook_operations

CHANGING = (
    "finish_processing",
    "resume",
    "cancel",
    "cancel_tokens",
    "reveal",
    "download",
    "email_tokens",
    "decline",
    "grant_cancellation",
    "decline_cancellation",
)
#: model -> pages that whoever may see the model may open
READ = {
    "tokenorder": {"changelist", "change", "history", "tokens", "tokens_search", "search", "log"}
    | {"progress", "cancellations", "helpers", "invoice", "invoice_pdf"},
    "catalogueitem": {"changelist", "change", "history", "simple_history"},
    "redemption": {"changelist", "change", "history"},
    "enrolmentsettings": {"changelist", "change", "history"},
    "tokensettings": {"changelist", "change", "history"},
    "tokentype": {"changelist", "change", "history", "simple_history"},
    "account": {"changelist", "change", "history", "simple_history", "members", "alerts"},
    "tokenissue": {"changelist", "change", "history"},
    "ledgerentry": {"changelist", "change", "history", "statement", "statement_csv"},
    "webhookendpoint": {"changelist", "change", "history", "simple_history"},
    "webhookdelivery": {"changelist", "change", "history"},
    "bulkjob": {"changelist", "change", "history", "progress", "result"},
}
#: model -> page -> permissions of which one opens it
ACT = {
    "tokenorder": {
        **{page: {"change"} for page in CHANGING},
        "add": {"add"},
        "people": {"add", "change"},
        "accounts": {"add", "change"},
        "groups": {"add", "change"},
    },
    "catalogueitem": {
        "add": {"add"},
        "courses": {"add", "change"},
        "load": {"change"},
        "delete": {"delete"},
    },
    "enrolmentsettings": {"add": {"add"}},
    "redemption": {page: {"change"} for page in ("place_again", "reverse", "enrol_again")},
    "tokensettings": {"add": {"add"}},
    "tokentype": {
        **{page: {"change"} for page in ("archive", "restore")},
        "add": {"add"},
        "delete": {"delete"},
    },
    "account": {
        **{page: {"change"} for page in ("freeze", "unfreeze", "people", "load_members")},
        "add": {"add"},
        "load": {"add", "change"},
        "delete": {"delete"},
    },
    "tokenissue": {
        **{page: {"change"} for page in ("extend", "adjust", "transfer")},
        **{page: {"change"} for page in ("use_last", "use_in_turn")},
        "accounts": {"add", "change"},
        "add": {"add"},
        "load": {"add"},
    },
    "ledgerentry": {},
    "webhookendpoint": {
        **{page: {"change"} for page in ("rotate_secret", "send_test")},
        "add": {"add"},
        "delete": {"delete"},
    },
    "webhookdelivery": {},
    # to begin one takes a second permission: to pay for others, or to change orders
    "bulkjob": {page: {"change"} for page in ("cancel", "retry")},
}
#: Whoever may do this may see the model as well.
SEES = {
    "tokenorder": {"view", "change"},
    "catalogueitem": {"view", "change"},
    "redemption": {"view", "change"},
    "enrolmentsettings": {"view", "change", "add"},
    "tokensettings": {"view", "change", "add"},
    "tokentype": {"view", "change"},
    "account": {"view", "change"},
    "tokenissue": {"view", "change"},
    "ledgerentry": {"view", "change"},
    "webhookendpoint": {"view", "change"},
    "webhookdelivery": {"view", "change"},
    "bulkjob": {"view", "change"},
}
#: Models whose rows may be deleted by whoever has the permission, as long as nothing rests on them.
DELETABLE = ("catalogueitem", "tokentype", "account", "webhookendpoint")
KINDS = ("view", "add", "change", "delete")
REFUSED = (302, 403)


def may_open(model: str, page: str, permission: str) -> bool:
    if page in READ[model]:
        return permission in SEES[model]
    return permission in ACT[model].get(page, set())


class EveryAddress(AdminCase):
    @classmethod
    def setUpTestData(cls) -> None:
        TieredCache.dangerous_clear_all_tiers()  # another class has posted settings of its own
        super().setUpTestData()
        cls.order = factories.make_processed_order(cls.item, buyer=cls.buyer)
        cls.requested = factories.make_order(cls.item, buyer=cls.buyer)
        cls.learner = factories.make_user("learner")
        code = factories.list_codes(cls.order)[0]
        cls.redemption = factories.redeem(cls.learner, cls.item, code)
        factories.make_course("course-v1:Acme+SPARE+2026")
        cls.spare = factories.make_item("course-v1:Acme+SPARE+2026")
        cls.gold = factories.make_type("Gold", days=365)
        cls.acme = factories.make_account("Acme", members=[cls.learner], managers=[cls.buyer])
        cls.issue = factories.issue_tokens(cls.acme, cls.gold, 10)
        cls.retirement = Retirement.objects.create(
            user=cls.buyer, first_at=timezone.now(), last_at=timezone.now()
        )
        cls.settings_row = TokenSettings.objects.create()
        hook = {"url": "https://hooks.example.com/", "actor": None, "now": timezone.now()}
        cls.endpoint = webhook_operations.add_endpoint(account_id=None, **hook)
        cls.delivery = webhook_operations.send_test(cls.endpoint.pk, now=timezone.now())
        cls.job = bulk_operations.start_assigning(
            actor=cls.buyer,
            order_id=cls.order.pk,
            recipients=[assignment_operations.Recipient("zoe@example.com")],
            idempotency_key="job",
            now=timezone.now(),
        )

    def list_urls(self) -> Iterator[tuple[str, str, str]]:
        """(model, page, address), for a processed and for a requested order."""
        keys = {
            "tokenorder": [self.order.pk, self.requested.pk],
            "catalogueitem": [self.spare.pk],
            "redemption": [self.redemption.pk],
            "enrolmentsettings": [EnrolmentSettings.objects.get().pk],
            "tokensettings": [self.settings_row.pk],
            "tokentype": [self.gold.pk],
            "account": [self.acme.pk],
            "tokenissue": [self.issue.pk],
            "ledgerentry": [self.issue.entries.get().pk],
            "retirement": [self.retirement.pk],
            "webhookendpoint": [self.endpoint.pk],
            "webhookdelivery": [self.delivery.pk],
            "bulkjob": [self.job.pk],
        }
        versions = {"catalogueitem": self.spare, "tokentype": self.gold, "account": self.acme}
        versions["webhookendpoint"] = self.endpoint
        for model, name in list_admin_addresses():
            page = name.removeprefix(f"token_payments_{model}_")
            try:
                yield model, page, reverse(f"admin:{name}")
            except NoReverseMatch:
                is_statement = page.startswith("statement")
                for key in [self.issue.wallet_id] if is_statement else keys[model]:
                    old = page == "simple_history"
                    more = [versions[model].history.last().pk] if old else []
                    yield model, page, reverse(f"admin:{name}", args=[key, *more])

    def facts(self) -> list[Any]:
        """What nobody without permission may change."""
        return [
            list(TokenOrder.objects.order_by("pk").values_list("status", "quantity")),
            list(CatalogueItem.objects.order_by("pk").values_list("item_key", "price")),
            list(Redemption.objects.values_list("state")),
            EnrolmentSettings.objects.count(),
            order_queries.count_codes(self.order),
            self.order.log.count(),
            list(TokenType.objects.values_list("name", "is_archived")),
            list(Account.objects.values_list("name", "is_frozen")),
            list(AccountMember.objects.order_by("pk").values_list("user", "role")),
            list(TokenIssue.objects.values_list("remaining", "expires_at")),
            (LedgerEntry.objects.count(), TokenSettings.objects.count()),
            list(WebhookEndpoint.objects.values_list("url", "is_active", "secret_serial")),
            list(WebhookDelivery.objects.values_list("state", "attempts")),
        ]

    def ask(self, url: str) -> list[int]:
        """The statuses of GET, POST and of a POST with a bit of everything."""
        form = {"post": "yes", "action": "delete_selected", "_selected_action": "1", "quantity": 1}
        form |= {"refund_amount": 0, "price": 1, "default_method": "free", "_save": "1"}
        form |= {"name": "Changed", "reason": "x", "role": "member", "user": self.buyer.pk}
        form |= {"issues": self.issue.pk, "never": "on", "direction": "up"}
        form |= {"account": "Acme", "token_type": self.gold.pk, "idempotency_key": make_key()}
        answers = [self.client.get(url), self.client.post(url), self.client.post(url, form)]
        return [answer.status_code for answer in answers]


@ddt.ddt
class AdminMatrixTest(EveryAddress):
    @ddt.data(
        *((model, kind) for model in SEES for kind in KINDS),
    )
    @ddt.unpack
    def test_one_permission_opens_no_more_than_it_says(self, model, kind) -> None:
        self.client.force_login(make_staff(f"{kind}_{model}", f"{kind}_{model}"))
        before = self.facts()
        for at, page, url in self.list_urls():
            if at == model and may_open(model, page, kind):
                if kind == "view":  # whatever is sent there: nothing may come of it
                    self.assertNotIn(403, self.ask(url)[:1], url)
                continue
            self.assertEqual(self.ask(url), [403, 403, 403], f"{kind}_{model}: {url}")
        self.assertEqual(self.facts(), before)

    def test_a_viewer_takes_no_item_back_to_an_earlier_version(
        self,
    ) -> None:
        self.client.force_login(make_staff("viewer", "view_catalogueitem"))
        version = self.spare.history.get().pk
        url = admin_url("catalogueitem", "simple_history", self.spare.pk, version)
        form = {"enrolment_method": "free", "price": "1", "currency": "GBP", "seats": "99"}

        self.assertEqual(self.client.get(url).status_code, 200)
        self.assertEqual(self.client.post(url, form).status_code, 403)

        self.spare.refresh_from_db()
        self.assertEqual((self.spare.enrolment_method, self.spare.seats), ("paid", None))

    @ddt.data("anonymous", "learner", "buyer", "staff", "inactive")
    def test_nobody_else_gets_in(self, who) -> None:
        users = {
            "learner": self.learner,
            "buyer": self.buyer,
            "staff": make_staff("bare"),
            "inactive": factories.make_user(
                "gone", is_staff=True, is_superuser=True, is_active=False
            ),
        }
        self.client.logout()
        if who in users:
            self.client.force_login(users[who])
        before = self.facts()
        for _, _, url in self.list_urls():
            for status in self.ask(url):
                self.assertIn(status, REFUSED, url)
        self.assertEqual(self.facts(), before)

    def test_a_superuser_deletes_nothing_that_others_rest_on(self) -> None:
        self.client.force_login(factories.make_user("root", is_staff=True, is_superuser=True))
        before = self.facts()
        for model, page, url in self.list_urls():
            if page == "delete" and model not in DELETABLE:
                self.assertEqual(self.ask(url), [403, 403, 403], url)
            if page == "changelist":
                form = {"action": "delete_selected", "_selected_action": "1", "post": "yes"}
                self.client.post(url, form)
        for user in (self.buyer, self.learner, self.course_admin):
            url = reverse("admin:auth_user_delete", args=[user.pk])
            self.client.post(url, {"post": "yes"})
        self.assertEqual(self.facts(), before)
        self.learner.refresh_from_db()
        self.buyer.refresh_from_db()

    @override_settings(TOKEN_PAYMENTS_ENABLED=False)
    def test_switched_off_a_superuser_changes_no_order_and_no_wallet(self) -> None:
        self.client.force_login(factories.make_user("root", is_staff=True, is_superuser=True))
        before = self.facts()
        for model, _, url in self.list_urls():
            if model in ("tokenorder", "tokentype", "account", "tokenissue", "ledgerentry"):
                self.ask(url)
        self.assertEqual(self.facts(), before)
