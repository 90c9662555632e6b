"""One of everything that the admin has an address for, each address with its ids."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from edx_django_utils.cache import TieredCache

from tests import factories
from tests.admin.base import AdminCase
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

    def fill_form(self) -> dict[str, Any]:
        """A bit of everything that any form takes."""
        form = {"post": "yes", "action": "delete_selected", "_selected_action": "1", "quantity": 1}
        form |= {"refund_amount": 0, "price": 1, "default_method": "free", "_save": "1"}
        form |= {"name": "Changed", "reason": "x", "role": "member", "user": self.buyer.pk}
        form |= {"issues": self.issue.pk, "never": "on", "direction": "up"}
        form |= {"account": "Acme", "token_type": self.gold.pk, "idempotency_key": make_key()}
        return form

    def ask(self, url: str) -> list[int]:
        """The statuses of GET, POST and of a POST with a bit of everything."""
        answers = [self.client.get(url), self.client.post(url)]
        answers += [self.client.post(url, self.fill_form())]
        return [answer.status_code for answer in answers]
