"""Staff, orders and the addresses of the admin's pages, for the admin's tests."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from tests import factories
from token_payments.catalogue import operations as catalogue_operations
from token_payments.models import Account, TokenOrder
from token_payments.orders import operations as order_operations
from token_payments.wallets import queries as wallet_queries

COURSE = "course-v1:Acme+FIRE+2026"
ORDER_PERMISSIONS = ("add_tokenorder", "change_tokenorder", "view_tokenorder")
COURSE_ADMIN = (*ORDER_PERMISSIONS, "view_catalogueitem")


def admin_url(model: str, page: str, *args: Any) -> str:
    return reverse(f"admin:token_payments_{model}_{page}", args=args)


def make_staff(username: str, *permissions: str, **fields: Any) -> Any:
    user = factories.make_user(username, is_staff=True, **fields)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


class AdminCase(TestCase):
    """Somebody with all permissions over orders is signed in; one course is sold for 149 GBP."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.item = factories.make_shop(COURSE)
        cls.buyer = factories.make_user("buyer", name="Bea Buyer")
        cls.course_admin = make_staff("course_admin", *COURSE_ADMIN, name="Casey Admin")

    def setUp(self) -> None:
        self.client.force_login(self.course_admin)

    def sign_in(self, *permissions: str) -> Any:
        user = make_staff(f"staff{'_'.join(permissions)}"[:140], *permissions)
        self.client.force_login(user)
        return user

    def order_page(self, order: TokenOrder, page: str = "change") -> str:
        return admin_url("tokenorder", page, order.pk)

    def post(self, url: str, data: dict[str, Any] | None = None) -> Any:
        """A POST whose on-commit work (Celery, eagerly) is done, and the page that it leads to."""
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(url, data or {}, follow=True)

    def read(self, url: str, *args: Any) -> str:
        answer = self.client.get(url, *args, follow=True)
        self.assertEqual(answer.status_code, 200)
        return answer.content.decode()


class WalletCase(AdminCase):
    """Acme, customer number C-17, has a billing address and may order Gold, which lasts a year."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.gold = factories.make_type("Gold", days=365)
        cls.account = factories.make_account("Acme Homes", members=[cls.buyer])
        Account.objects.filter(pk=cls.account.pk).update(reference="C-17", **factories.ADDRESS)
        cls.account.refresh_from_db()
        cls.add_url = f"{admin_url('tokenorder', 'add')}?kind=wallet"

    def order(self, **fields) -> TokenOrder:
        return factories.make_wallet_order(self.account, self.gold, buyer=self.buyer, **fields)

    def process(self, order: TokenOrder) -> TokenOrder:
        order_operations.start_processing(order.pk, actor=self.buyer, now=timezone.now())
        order.refresh_from_db()
        return order

    def spend(self, tokens: int) -> None:
        """Somebody pays so many Gold for the course."""
        catalogue_operations.save_item(
            self.item, methods=["wallet"], token_prices={self.gold: tokens}
        )
        wallet = factories.find_wallet(self.account, self.gold)
        factories.pay(self.buyer, self.item, wallet)

    def balance(self) -> int:
        wallet = factories.find_wallet(self.account, self.gold)
        return wallet_queries.get_balance(wallet, timezone.now()).available
