"""What is printed adds up, in every currency and language."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import parse_decimal
from ddt import data, ddt, unpack
from django.test import SimpleTestCase
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from tests.invoicing.base import NOW
from token_payments.invoicing.order_document import Credit, settle
from token_payments.l10n.formats import count_decimals, format_exact_money, format_rate
from token_payments.models import TokenOrder

LANGUAGES = ["en", "de", "fr", "de-ch"]
CURRENCIES = ["GBP", "EUR", "JPY", "KWD", ""]
ORDERS = st.builds(
    TokenOrder,
    quantity=st.integers(1, 2**31 - 1),
    unit_price=st.decimals(0, 9_999_999_999, places=3),
    currency=st.sampled_from(CURRENCIES),
    tax_rate=st.none() | st.decimals(0, 100, places=2),
)


def read_amount(text: str, currency: str, language: str) -> Decimal:
    """The number that a reader sees, without its currency."""
    number = re.sub(r"[^\d.,’'\s-]|(?<=\d)\s*\D*$", "", text).strip()
    return parse_decimal(number, locale=language.replace("-ch", "_CH"), strict=False)


class SumsTest(SimpleTestCase):
    @given(order=ORDERS, shares=st.lists(st.integers(0, 100), max_size=5), delivered=st.booleans())
    def test_net_and_tax_are_the_total_and_refunds_leave_the_balance(
        self, order: TokenOrder, shares: list[int], delivered: bool
    ) -> None:
        parts = [order.total * share / 1000 for share in shares]
        parts = [part.quantize(Decimal("0.001"), ROUND_HALF_UP) for part in parts]
        credits_ = [Credit(NOW.date(), 1, Decimal(0) - part) for part in parts]
        refunded, voided, balance = settle(order, credits_, was_delivered=delivered)
        self.assertEqual(order.net_total + order.tax, order.total)
        self.assertEqual(order.total - refunded - voided, balance)
        self.assertEqual(refunded, sum(parts))
        self.assertGreaterEqual(balance, 0)
        for amount in (refunded, voided, balance, *(credit.amount for credit in credits_)):
            self.assertFalse(amount.is_zero() and amount.is_signed())
        if not delivered:
            self.assertEqual(balance, 0)

    @given(order=ORDERS, language=st.sampled_from(LANGUAGES))
    def test_the_amounts_that_are_read_add_up(self, order: TokenOrder, language: str) -> None:
        with override(language):
            net, tax, total = (
                read_amount(format_exact_money(amount, order.currency), order.currency, language)
                for amount in (order.net_total, order.tax, order.total)
            )
        self.assertEqual(net + tax, total)
        self.assertEqual(net, order.net_total)


@ddt
class WritingTest(SimpleTestCase):
    @data(
        ("en", "1234.500", "GBP", "£1,234.50"),
        ("de", "1234.500", "GBP", "1.234,50 £"),
        ("de", "-536.4", "EUR", "-536,40 €"),
        ("en", "1234.000", "JPY", "¥1,234"),
        ("de", "1234.567", "KWD", "1.234,567 KWD"),
        ("en", "1.5", "KWD", "KWD1.500"),
        ("en", "0.125", "GBP", "£0.125"),
        ("en", "12.500", "", "12.50"),
        ("de", "1234.567", "", "1.234,567"),
        ("en", "0.000", "GBP", "£0.00"),
    )
    @unpack
    def test_an_amount_has_the_decimals_of_its_currency_and_more_where_it_must(
        self, language: str, amount: str, currency: str, written: str
    ) -> None:
        with override(language):
            found = format_exact_money(Decimal(amount), currency).replace("\xa0", " ")
        self.assertEqual(found, written)

    @data(("en", "20.00", "20%"), ("de", "7.70", "7,7 %"), ("en", "0", "0%"))
    @unpack
    def test_a_rate(self, language: str, rate: str, written: str) -> None:
        with override(language):
            self.assertEqual(format_rate(Decimal(rate)).replace("\xa0", " "), written)

    def test_currencies_here_have_none_two_and_three_decimals(self) -> None:
        self.assertEqual([count_decimals(name) for name in CURRENCIES], [2, 2, 0, 3, 2])
