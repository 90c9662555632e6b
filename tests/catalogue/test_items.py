"""Catalogue items: what can be saved, and what is offered."""

from __future__ import annotations

from decimal import Decimal

import pytest
from ddt import data, ddt, unpack
from django.test import TestCase

from tests import factories
from token_payments.catalogue import operations as catalogue_operations
from token_payments.catalogue import queries as catalogue_queries
from token_payments.errors import InvalidItem, NotOffered
from token_payments.models import CatalogueItem, EnrolmentSettings

PAID = "course-v1:Shop+Paid+2026"
FREE = "course-v1:Shop+Free+2026"


@ddt
class SaveItemTest(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        factories.make_course(PAID, modes={"verified": 149})
        factories.make_course(FREE, modes={"audit": 0})

    @data(
        ("item_key", "item_not_found", "course-v1:No+Such+Course", {}, ["token_code"]),
        ("item_key", "item_not_found", "nonsense", {}, ["token_code"]),
        ("payment_methods", "no_payment_method", PAID, {}, []),
        ("price", "no_price", FREE, {}, ["token_code"]),
        ("price", "no_price", FREE, {"course_mode": "audit"}, ["token_code"]),
        ("course_mode", "no_paid_mode", FREE, {"price": 5, "currency": "GBP"}, ["token_code"]),
        ("course_mode", "unknown_mode", PAID, {"course_mode": "masters"}, ["token_code"]),
        ("currency", "unknown_currency", PAID, {"price": 5, "currency": "XQQ"}, ["token_code"]),
    )
    @unpack
    def test_refuses_with_a_reason_at_the_field(
        self, field: str, reason: str, key: str, fields: dict, methods: list[str]
    ) -> None:
        item = CatalogueItem(item_key=key, enrolment_method="paid", **fields)
        with pytest.raises(InvalidItem) as caught:
            catalogue_operations.save_item(item, methods=methods)
        assert caught.value.problems[field] == reason
        assert not CatalogueItem.objects.exists()

    def test_keeps_the_title_and_the_methods(self) -> None:
        item = CatalogueItem(item_key=PAID, enrolment_method="paid")
        catalogue_operations.save_item(item, methods=["token_code", "other"])
        catalogue_operations.save_item(item, methods=["token_code"])
        assert item.title
        assert list(item.payment_methods.values_list("method", flat=True)) == ["token_code"]

    def test_a_free_item_needs_neither_price_nor_method(self) -> None:
        assert catalogue_operations.save_item(
            CatalogueItem(item_key=FREE, enrolment_method="free"), methods=[]
        ).pk

    def test_every_change_is_in_its_history(self) -> None:
        item = catalogue_operations.save_item(CatalogueItem(item_key=PAID), methods=["token_code"])
        item.price, item.currency = Decimal(99), "GBP"
        catalogue_operations.save_item(item, methods=["token_code"])
        assert [row.price for row in item.history.all()] == [Decimal(99), None]


@ddt
class OfferTest(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        factories.make_course(PAID, modes={"audit": 0, "verified": 149})

    def offer(self, **fields) -> catalogue_queries.Offer:
        factories.make_item(PAID, **fields)
        return catalogue_queries.get_offer(PAID)

    def test_price_and_mode_come_from_the_host_unless_the_item_has_its_own(self) -> None:
        factories.allow_paid()
        offer = self.offer()
        assert (offer.mode, offer.price) == (
            "verified",
            catalogue_queries.Price(Decimal(149), "GBP"),
        )
        CatalogueItem.objects.update(price=Decimal("99.50"), currency="EUR")
        assert catalogue_queries.get_offer(PAID).price == catalogue_queries.Price(
            Decimal("99.50"), "EUR"
        )

    @data(
        # enabled, override allowed, site default, item's own -> paid, offered
        (True, True, "free", "paid", True, True),
        (True, True, "paid", "free", False, False),
        (True, True, "paid", "default", True, True),
        (True, True, "free", "default", False, False),
        (True, False, "free", "paid", False, False),
        (True, False, "paid", "free", True, True),
        (False, True, "paid", "paid", True, False),
    )
    @unpack
    def test_switches(
        self, enabled: bool, override: bool, default: str, own: str, paid: bool, offered: bool
    ) -> None:
        EnrolmentSettings(enabled=enabled, override_allowed=override, default_method=default).save()
        item = factories.make_item(PAID, enrolment_method=own)
        assert catalogue_queries.is_paid(item) is paid
        if offered:
            assert catalogue_queries.get_offer(PAID).methods == {"token_code"}
        else:
            with pytest.raises(NotOffered):
                catalogue_queries.get_offer(PAID)

    def test_every_change_of_the_settings_is_kept(self) -> None:
        author = factories.make_user("operator")
        for enabled in (True, False):
            EnrolmentSettings(enabled=enabled, changed_by=author).save()
        rows = EnrolmentSettings.objects.order_by("id")
        assert [row.enabled for row in rows] == [True, False]
        assert {row.changed_by for row in rows} == {author}
        assert all(row.change_date for row in rows)
