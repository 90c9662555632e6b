"""Cards to print: which tokens, what stands on each, and that the QR code is the link."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from unittest.mock import patch

import ddt
import segno
from django.utils import timezone

from tests.portal.order_page.base import COURSE, OrderCase
from token_payments.models import TokenOrder
from token_payments.orders import operations as order_operations
from token_payments.portal.order_page import sheet
from token_payments.presenters.code_lines import get_checkout_url


def read_svg(drawn: str) -> set[tuple[int, int]]:
    """The dark squares of a QR code drawn as horizontal lines, the quiet zone taken off."""
    (path,) = re.findall(r' d="([^"]+)"', drawn)
    dark, x, y = set(), 0.0, 0.0
    for command, values in re.findall(r"([Mmh])([^Mmh]*)", path):
        numbers = [float(number) for number in re.findall(r"-?\d*\.?\d+", values)]
        if command == "h":
            dark |= {(int(x) + step - 4, int(y) - 4) for step in range(int(numbers[0]))}
            x += numbers[0]
        elif command == "M":
            x, y = numbers
        else:
            x, y = x + numbers[0], y + numbers[1]
    return dark


class SheetCase(OrderCase):
    def print(self, user=None, **data):
        return self.post("order_sheet", data, user=user)

    def list_printed(self, **data) -> list[int]:
        answer = self.print(**data)
        self.assertTemplateUsed(answer, "token_payments/order_page/sheet.html")
        return [card.serial for card in answer.context["cards"]]


@ddt.ddt
class ChoiceTests(SheetCase):
    @ddt.data(
        ({}, [3, 4, 5]),
        ({"first": "4"}, [4, 5]),
        ({"last": "4"}, [3, 4]),
        ({"first": "4", "last": "4"}, [4]),
        ({"with_assigned": "on"}, [2, 3, 4, 5]),
        ({"first": "1", "last": "6", "with_assigned": "on"}, [2, 3, 4, 5]),
        ({"first": "1", "last": "999999999"}, [3, 4, 5]),
    )
    @ddt.unpack
    def test_what_is_available_and_nobodys_unless_told(self, data, serials) -> None:
        self.assertEqual(self.list_printed(**data), serials)

    @ddt.data(
        ({"first": "x"}, "enter the number of a token"),
        ({"last": "0"}, "enter the number of a token"),
        ({"last": "9" * 30}, "enter the number of a token"),
        ({"first": "\0"}, "enter the number of a token"),
        ({"first": "5", "last": "3"}, "below the first one"),
        ({"first": "6"}, "There is nothing to print"),
        ({"last": "2"}, "There is nothing to print"),
    )
    @ddt.unpack
    def test_what_makes_no_sheet_is_told_and_not_logged(self, data, text) -> None:
        answer = self.print(**data)

        self.assertContains(answer, text)
        self.assertContains(answer, "<title>Error: ")
        self.assertEqual(self.find_logged("codes_printed"), [])

    def test_it_is_logged_with_who_printed_and_how_many(self) -> None:
        self.print(user=self.delegate)

        self.assertEqual(self.find_logged("codes_printed"), [(self.delegate, 3)])

    def test_the_page_that_asks_logs_nothing(self) -> None:
        self.assertContains(self.get("order_sheet"), "Make the cards")
        self.assertEqual(self.find_logged("codes_printed"), [])

    def test_an_order_with_nothing_available_says_so(self) -> None:
        order_operations.cancel_order(self.order.pk, actor=self.buyer, now=timezone.now())

        self.assertContains(self.get("order_sheet"), "there is nothing to print")

    def test_a_full_sheet_says_where_the_next_one_begins_and_logs_its_own_cards(self) -> None:
        with patch.object(sheet, "MAX_CARDS", 2):
            answer = self.print(last="5")
            rest = self.list_printed(first="5", last="5")

        self.assertEqual([card.serial for card in answer.context["cards"]], [3, 4])
        self.assertContains(answer, "begins with token no. 5")
        self.assertContains(answer, '<input type="hidden" name="first" value="5">')
        self.assertContains(answer, '<input type="hidden" name="last" value="5">')
        self.assertEqual(rest, [5])
        self.assertEqual(self.find_logged("codes_printed"), [(self.buyer, 1), (self.buyer, 2)])


class CardTests(SheetCase):
    def test_a_card_has_code_course_last_day_with_zone_and_the_address_without_the_code(self):
        redeem_by = datetime(2099, 7, 1, 23, tzinfo=UTC)
        TokenOrder.objects.filter(pk=self.order.pk).update(redeem_by=redeem_by)

        page = self.print(first="3", last="3")

        for text in (self.codes[2], "Fire &amp; Safety", "1, 2099", "(Europe/London)"):
            self.assertContains(page, text)
        self.assertContains(page, f"/token-payments/checkout/{COURSE}/</p>")
        self.assertNotContains(page, "#code=")

    def test_an_assigned_token_says_for_whom(self) -> None:
        self.assertContains(self.print(with_assigned="on"), "For Ann Archer")

    def test_the_qr_code_of_each_card_is_its_link(self) -> None:
        answer = self.print()

        address = get_checkout_url(self.order)
        for card in answer.context["cards"]:
            link = f"{address}#code={self.codes[card.serial - 1]}"
            made = segno.make(link, error="m", micro=False, mask=sheet.MASK)
            expected = {
                (x, y)
                for y, row in enumerate(made.matrix)
                for x, is_dark in enumerate(row)
                if is_dark
            }
            self.assertEqual(read_svg(card.qr), expected)
            self.assertContains(answer, card.qr)

    def test_the_page_is_kept_nowhere_and_its_title_has_no_code(self) -> None:
        answer = self.print()

        self.assertIn("no-store", answer["Cache-Control"])
        title = re.search(r"<title>(.*?)</title>", answer.content.decode(), re.DOTALL)[1]
        self.assertFalse([code for code in self.codes if code in title])
