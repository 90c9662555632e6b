"""Numbers of tokens as people write them."""

from __future__ import annotations

import ddt
from django.test import SimpleTestCase

from token_payments.orders.queries import MAX_SERIALS, Serials


@ddt.ddt
class SerialsTests(SimpleTestCase):
    @ddt.data(
        ("3", "3", 1),
        (" 7-9 , 3 ", "3, 7-9", 4),
        ("7 - 9; 3", "3, 7-9", 4),
        ("1 2 3", "1-3", 3),
        ("5,5,4-6,6", "4-6", 3),
        ("0007\u20139", "7-9", 3),
        ("999999999", "999999999", 1),
        ("", "", 0),
        (" , ", "", 0),
    )
    @ddt.unpack
    def test_each_number_counts_once_whatever_is_between_them(self, text, written, number):
        serials = Serials.read(text)
        self.assertEqual((str(serials), serials.count()), (written, number))
        self.assertEqual(bool(serials), number > 0)
        self.assertEqual(Serials.read(str(serials)), serials)

    @ddt.data("0", "9-7", "1-", "-1", "1--2", "1-2-3", "x", "1.5", "²", "٣", "1234567890", "1\0002")
    def test_anything_else_is_refused(self, text):
        with self.assertRaises(ValueError):
            Serials.read(text)

    def test_more_than_can_be_kept_is_refused(self):
        fits = ",".join(str(number) for number in range(1, 2000, 2))
        with self.assertRaises(ValueError):
            Serials.read(fits)
        self.assertLessEqual(len(str(Serials.read("1,3,5"))), MAX_SERIALS)
