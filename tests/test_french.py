"""Mails in the language of the site, pages in the reader's: words, plurals, days and money."""

from __future__ import annotations

from decimal import Decimal
from html import unescape
from typing import Any

from django.core import mail
from django.test import TestCase, override_settings
from django.urls import reverse

from tests import factories
from tests.notifications.base import NOW, assign, make_code_order, read
from tests.portal.base import CheckoutTestCase, url
from token_payments.notifications import mails

FRENCH = {"accept-language": "fr-CA,fr;q=0.9,en;q=0.5"}
GERMAN = {"accept-language": "de"}


def get_text(response: Any) -> str:
    return unescape(response.content.decode())


@override_settings(LANGUAGE_CODE="fr")
class MailTests(TestCase):
    def test_a_token_that_was_given(self) -> None:
        order = make_code_order()
        assign(order, "ann@example.com", name="Ann Lee")
        mails.send_assignments(order.pk, clock=lambda: NOW, limit=1)
        [message] = mail.outbox
        text, html = read(message)
        self.assertEqual(message.subject, "Votre jeton pour Fire & <b>Safety</b>")
        self.assertIn("Bonjour Ann Lee,", text)
        self.assertIn("Il règle votre inscription\xa0: vous n'avez rien à payer.", text)
        self.assertIn("Utilisez-le au plus tard le 1 décembre 2026 (Europe/London).", text)
        self.assertIn("S'inscrire avec ce jeton", unescape(html))

    def test_an_order_that_is_ready_counts_as_french_does(self) -> None:
        factories.allow_paid()
        for quantity, words in ((1, "1 jeton est prêt"), (2, "2 jetons sont prêts")):
            with self.subTest(quantity):
                self.assertIn(words, self.write_ready(quantity))

    def write_ready(self, quantity: int) -> str:
        mail.outbox.clear()
        key = f"course-v1:Acme+N{quantity}+2026"
        factories.make_course(key)
        item = factories.make_item(key)
        buyer = factories.make_user(f"buyer{quantity}")
        order = factories.make_processed_order(item, buyer=buyer, quantity=quantity)
        mails.send_order_mail(order.pk, "processed", now=NOW)
        return read(mail.outbox[0])[0]


class PageTests(CheckoutTestCase):
    def test_the_checkout(self) -> None:
        page = get_text(self.client.get(url("checkout"), headers=FRENCH))
        self.assertIn("Comment souhaitez-vous payer\xa0?", page)
        self.assertIn("149,00\xa0£GB", page)
        self.assertNotIn("How would you like to pay?", page)

    def test_an_error_at_a_field(self) -> None:
        page = get_text(self.enter("", headers=FRENCH))
        self.assertIn("Saisissez votre code jeton.", page)

    def test_a_buyers_order(self) -> None:
        order = factories.make_processed_order(
            self.item, buyer=self.buyer, quantity=1200, unit_price=Decimal("1.5"), currency="GBP"
        )
        self.client.force_login(self.buyer)
        address = reverse("token_payments:order", kwargs={"order_id": order.pk})
        page = get_text(self.client.get(address, headers=FRENCH))
        self.assertIn("Traitée", page)
        self.assertIn("Disponibles\xa0: 1\u202f200", page)
        self.assertIn("1\u202f800,00\xa0£GB", page)

    def test_a_language_without_a_catalogue_is_english(self) -> None:
        page = get_text(self.client.get(url("checkout"), headers=GERMAN))
        self.assertIn("How would you like to pay?", page)
