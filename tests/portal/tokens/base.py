"""An account with a manager, two members and some tokens, and a course that takes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.http import HttpResponse
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from tests import factories
from token_payments.wallets import queries as wallet_queries

COURSE = "course-v1:Acme+Fire+2026"


class TokensCase(TestCase):
    """20 Gold in the account Acme; COURSE costs 7. Nobody is signed in."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.gold = factories.make_type("Gold")
        cls.item = factories.make_shop(
            COURSE, modes={"verified": 149}, methods=["wallet"], token_prices={cls.gold: 7}
        )
        cls.manager = factories.make_user("manager", name="Mary Manager")
        cls.ann = factories.make_user("ann", name="Ann Archer")
        cls.bob = factories.make_user("bob", name="Bob Baker")
        cls.stranger = factories.make_user("stranger")
        cls.account = factories.make_account(members=[cls.ann, cls.bob], managers=[cls.manager])
        cls.now = timezone.now()
        cls.issue(20, days=90, reason="Deal with Bob", reference="SO-77")
        cls.wallet = factories.find_wallet(cls.account, cls.gold)

    def setUp(self) -> None:
        cache.clear()

    @classmethod
    def issue(cls, quantity: int, *, days: int | None = None, **fields: Any) -> Any:
        expires_at = cls.now + timedelta(days=days) if days else None
        fields = {"now": cls.now - timedelta(hours=1), "expires_at": expires_at, **fields}
        return factories.issue_tokens(cls.account, cls.gold, quantity, **fields)

    def url(self, name: str, **other: Any) -> str:
        """The address of a page of the account, or of its Gold."""
        arguments = {"account_id": self.account.pk}
        if name in ("statement", "statement_csv"):
            arguments["type_id"] = self.gold.pk
        return reverse(f"token_payments:{name}", kwargs=arguments | other)

    def get(self, user: Any, name: str, data: Any = None, **other: Any) -> HttpResponse:
        self.client.force_login(user)
        return self.client.get(self.url(name, **other), data)

    def post(self, user: Any, name: str, data: Any = None, **other: Any) -> HttpResponse:
        self.client.force_login(user)
        return self.client.post(self.url(name, **other), data or {})

    def available(self) -> int:
        return wallet_queries.get_balance(self.wallet, timezone.now()).available
