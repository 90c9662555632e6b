"""An account with members and two token types, for the tests of the wallets' pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

from django.forms.models import BaseModelForm
from django.test import TestCase
from django.utils import timezone

from tests import factories
from tests.admin.base import admin_url, make_staff
from token_payments.models import LedgerEntry, TokenIssue, TokenSettings, TokenType, Wallet

ACCOUNTS = ("add_account", "change_account", "view_account", "delete_account")
TYPES = ("add_tokentype", "change_tokentype", "view_tokentype", "delete_tokentype")
ISSUES = ("add_tokenissue", "change_tokenissue", "view_tokenissue")
LEDGER = ("view_ledgerentry",)
OPERATOR = (*ACCOUNTS, *TYPES, *ISSUES, *LEDGER)


class WalletCase(TestCase):
    """An operator with every permission over wallets is signed in."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.operator = make_staff("operator", *OPERATOR, name="Olive Operator")
        cls.member = factories.make_user("mel", name="Mel Member")
        cls.gold = factories.make_type("Gold", days=365)
        cls.silver = factories.make_type("Silver")
        cls.acme = factories.make_account("Acme", members=[cls.member])

    def setUp(self) -> None:
        self.client.force_login(self.operator)

    def sign_in(self, *permissions: str) -> Any:
        user = make_staff(f"staff{'_'.join(permissions)}"[:140], *permissions)
        self.client.force_login(user)
        return user

    def issue(self, quantity: int, token_type: TokenType | None = None, **fields: Any) -> Any:
        account = fields.pop("account", self.acme)
        return factories.issue_tokens(account, token_type or self.gold, quantity, **fields)

    def issue_expired(self, quantity: int = 5) -> TokenIssue:
        """An issue whose tokens expired yesterday, which no sweep has recorded yet."""
        now = timezone.now()
        return self.issue(
            quantity, now=now - timedelta(days=10), expires_at=now - timedelta(days=1)
        )

    def forbid(self, **switches: bool) -> None:
        TokenSettings.objects.create(**switches)

    def page(self, model: str, page: str, *args: Any) -> str:
        return admin_url(model, page, *args)

    def statement(self, wallet: Wallet, *, csv: bool = False) -> str:
        return admin_url("ledgerentry", "statement_csv" if csv else "statement", wallet.pk)

    def read(self, url: str, *args: Any) -> str:
        answer = self.client.get(url, *args, follow=True)
        self.assertEqual(answer.status_code, 200)
        return answer.content.decode()

    def key(self, url: str, **query: Any) -> str:
        """The idempotency key that the form at this address comes with."""
        return str(self.client.get(url, query).context["form"]["idempotency_key"].value())

    def facts(self) -> list[Any]:
        """What nobody without permission may change."""
        return [
            list(TokenIssue.objects.order_by("pk").values_list("remaining", "expires_at")),
            LedgerEntry.objects.count(),
            list(TokenType.objects.order_by("pk").values_list("name", "is_archived")),
            list(type(self.acme).objects.values_list("name", "is_frozen")),
            sorted(self.acme.members.values_list("user", "role")),
        ]


def in_days(days: int) -> datetime:
    return timezone.now() + timedelta(days=days)


@contextmanager
def meanwhile(happens: Callable[[], Any]) -> Iterator[None]:
    """Somebody else does this between the loading of what is saved and the saving."""
    check = BaseModelForm._post_clean

    def check_later(form: BaseModelForm) -> None:
        happens()
        check(form)

    with mock.patch.object(BaseModelForm, "_post_clean", check_later):
        yield
