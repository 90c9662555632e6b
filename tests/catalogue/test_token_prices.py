"""What an item costs in tokens: saved with the item, and refused with a reason at the field."""

from __future__ import annotations

from typing import Any

import pytest
from ddt import data, ddt, unpack
from django.db import IntegrityError, transaction
from django.test import TestCase

from tests import factories
from token_payments.catalogue import operations as catalogue_operations
from token_payments.catalogue import queries as catalogue_queries
from token_payments.errors import InvalidItem, NotOffered, TypeInUse
from token_payments.models import CatalogueItem, TokenPrice, TokenType
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets import queries as wallet_queries

PAID = "course-v1:Prices+Paid+2026"
FREE = "course-v1:Prices+Free+2026"


@ddt
class TokenPriceTest(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        factories.allow_paid()
        factories.make_course(PAID, modes={"verified": 149})
        factories.make_course(FREE, modes={"honor": 0})
        cls.operator = factories.make_user("operator")
        cls.gold, cls.silver = factories.make_type("Gold"), factories.make_type("Silver")

    def save(self, prices: Any = None, methods=("wallet",), key: str = PAID, **fields: Any):
        item = CatalogueItem.objects.filter(item_key=key).first()
        item = item or CatalogueItem(item_key=key, enrolment_method="paid", **fields)
        return catalogue_operations.save_item(item, methods=methods, token_prices=prices)

    def prices(self, key: str = PAID) -> dict[str, int]:
        item = CatalogueItem.objects.get(item_key=key)
        return {
            str(price.token_type): price.quantity
            for price in catalogue_queries.list_token_prices(item)
        }

    def assert_refused(self, field: str, reason: str, *arguments: Any, **fields: Any) -> None:
        before = list(TokenPrice.objects.values())
        with pytest.raises(InvalidItem) as caught:
            self.save(*arguments, **fields)
        assert caught.value.problems == {field: reason}
        assert list(TokenPrice.objects.values()) == before

    def test_several_types_each_with_its_number(self) -> None:
        self.save({self.silver: 3, self.gold: 1})
        assert self.prices() == {"Gold": 1, "Silver": 3}
        assert list(self.prices()) == ["Gold", "Silver"]

    def test_saving_replaces_them_all(self) -> None:
        self.save({self.gold: 1, self.silver: 3})
        self.save({self.gold: 2})
        assert self.prices() == {"Gold": 2}

    def test_an_item_saved_without_a_word_of_them_keeps_them(self) -> None:
        self.save({self.gold: 1})
        self.save()
        assert self.prices() == {"Gold": 1}

    @data(({}, "no_token_price"), (None, "no_token_price"))
    @unpack
    def test_who_pays_from_a_wallet_needs_one(self, prices: Any, reason: str) -> None:
        self.assert_refused("token_prices", reason, prices)
        assert not CatalogueItem.objects.exists()

    def test_the_last_one_stays_while_wallets_may_pay(self) -> None:
        self.save({self.gold: 1})
        self.assert_refused("token_prices", "no_token_price", {})
        self.save({}, methods=["token_code"])
        assert self.prices() == {}

    @data(0, -1)
    def test_it_is_one_token_at_least(self, quantity: int) -> None:
        self.assert_refused("token_prices", "token_price_too_low", {self.gold: quantity})

    def test_an_archived_type_gets_no_new_price_and_no_other_one(self) -> None:
        self.save({self.gold: 1})
        wallet_operations.archive_type(self.gold.pk, actor=self.operator)
        wallet_operations.archive_type(self.silver.pk, actor=self.operator)
        self.assert_refused("token_prices", "type_archived", {self.gold: 1, self.silver: 3})
        self.assert_refused("token_prices", "type_archived", {self.gold: 2})
        self.save({self.gold: 1})
        assert self.prices() == {"Gold": 1}
        wallet_operations.restore_type(self.silver.pk, actor=self.operator)
        self.save({self.gold: 1, self.silver: 3})

    def test_an_item_may_be_priced_in_tokens_alone(self) -> None:
        self.save({self.gold: 1}, key=FREE, course_mode="honor")
        offer = catalogue_queries.get_offer(FREE)
        assert (offer.price, offer.mode, offer.methods) == (None, "honor", {"wallet"})

    def test_with_codes_as_well_it_needs_a_price_in_money(self) -> None:
        fields = {"key": FREE, "course_mode": "honor"}
        both = ["wallet", "token_code"]
        self.assert_refused("price", "no_price", {self.gold: 1}, methods=both, **fields)

    def test_an_item_whose_price_in_money_is_gone_is_offered_only_for_tokens(self) -> None:
        self.save({self.gold: 1}, key=FREE, course_mode="honor")
        item = CatalogueItem.objects.get(item_key=FREE)
        item.payment_methods.create(method="token_code")  # as if the host's price went away
        with pytest.raises(NotOffered):
            catalogue_queries.get_offer(FREE)

    def test_a_priced_type_is_not_deleted_and_an_unused_one_is(self) -> None:
        self.save({self.gold: 1})
        with pytest.raises(TypeInUse):
            wallet_operations.delete_type(self.gold.pk)
        assert wallet_queries.count_uses(self.gold) == wallet_queries.TypeUses(prices=1)
        factories.find_wallet(factories.make_account(), self.silver)  # empty: nothing was issued
        wallet_operations.delete_type(self.silver.pk)
        assert [str(kept) for kept in TokenType.objects.all()] == ["Gold"]

    @data("issues", "orders")
    def test_a_type_in_use_is_not_deleted(self, use: str) -> None:
        account = factories.make_account()
        if use == "issues":
            factories.issue_tokens(account, self.gold, 1)
        else:
            factories.make_wallet_order(account, self.gold, buyer=self.operator)
        with pytest.raises(TypeInUse):
            wallet_operations.delete_type(self.gold.pk)
        assert getattr(wallet_queries.count_uses(self.gold), use) == 1

    def test_the_database_refuses_two_prices_in_one_type_and_a_price_of_nothing(self) -> None:
        item = self.save({self.gold: 1})
        for token_type, quantity in ((self.gold, 2), (self.silver, 0)):
            with pytest.raises(IntegrityError), transaction.atomic():
                TokenPrice.objects.create(item=item, token_type=token_type, quantity=quantity)
