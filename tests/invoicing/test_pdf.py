"""The PDF says what the facts say, whatever texts they are made of."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from io import BytesIO

from ddt import data, ddt
from django.utils.translation import override
from pypdf import PdfReader

from tests import factories
from tests.invoicing.base import NOW, SELLER, DocumentCase, describe, find_order, read_pdf, sold_by
from token_payments.invoicing import pdf
from token_payments.invoicing.download import answer_with_pdf
from token_payments.invoicing.order_document import describe_order
from token_payments.invoicing.wording import DocumentTexts, write_document
from token_payments.models import TokenOrder
from token_payments.orders import operations as order_operations

HOSTILE = [
    "<b>bold</b> &amp; <img src='http://attacker.example/x.png'/> <a href='javascript:x'>",
    "</para></font><para>",
    "NUL\x00 bell\x07 escape\x1b delete\x7f",
    "surrogate \ud800 and private \ue000 and reversed \u202e text",
    "emoji 😀👩‍🚀 漢字 עברית العربية हिन्दी ไทย",
    "word " * 2000,
    "x" * 10_000,
    "line\n" * 500,
    "&#0; &#x1F600; &nbsp; %s {0} \\n",
    "",
    " \n ",
]


def draw(order: TokenOrder) -> bytes:
    return pdf.draw(write_document(describe(order)))


def list_every_text(texts: DocumentTexts) -> list[str]:
    found = [texts.title, texts.mark.upper(), texts.number, texts.seller_name, texts.footer]
    found += [*texts.seller_address, *texts.seller_contact, *texts.bank, *texts.billed_to]
    found += [text for fact in texts.facts for text in (fact.label, fact.text)]
    for line in texts.lines:
        found += [line.name, line.description, line.quantity, line.unit_price, line.amount]
    for credit in texts.credits:
        found += [credit.day, credit.what, credit.amount]
    for row in (*texts.sums, *texts.credit_sums):
        found += [row.label, row.amount]
    return [*found, texts.amount_heading, texts.remark]


@sold_by(SELLER)
class SameFactsTest(DocumentCase):
    def says_all(self, order: TokenOrder) -> str:
        texts = write_document(describe(order))
        said = read_pdf(pdf.draw(texts))
        for text in list_every_text(texts):
            self.assertIn(" ".join(text.replace("\u202f", " ").split()), said)
        return said

    def test_an_invoice_with_tax_and_refunds(self) -> None:
        order = self.processed(invoice_number="INV-1", purchase_order="PO-7", tax_rate=Decimal(20))
        self.cancel(order, 3, Decimal("536.40"))
        said = self.says_all(order)
        for text in ("Invoice INV-1", "£3,576.00", "Tax 20%", "-£536.40", "Balance £3,039.60"):
            self.assertIn(text, said)
        self.assertNotIn("It is not an invoice", said)

    def test_no_code_is_in_it(self) -> None:
        order = self.processed(5, invoice_number="INV-1")
        codes = factories.list_codes(order)
        said = self.says_all(order)
        self.assertEqual(len(codes), 5)
        for code in codes:
            self.assertNotIn(code, said)
            self.assertNotIn(code[-4:], said)

    def test_a_declined_request_of_wallet_tokens(self) -> None:
        order = self.wallet_order()
        order_operations.decline_order(order.pk, reason="Secret", actor=self.buyer, now=NOW)
        said = self.says_all(order)
        for text in ("Order request", "DECLINED", "Any course of level 3", "-£1,250.00"):
            self.assertIn(text, said)
        self.assertIn("365 days after they are issued", said)
        self.assertNotIn("Secret", said)

    def test_an_order_without_a_price(self) -> None:
        said = self.says_all(self.wallet_order(unit_price=None, currency=""))
        self.assertIn("Price as agreed", said)
        self.assertNotIn("0.00", said)

    def test_in_other_languages(self) -> None:
        for language, amount in (("de", "2.980,00 £"), ("fr", "2 980,00 £GB")):
            with override(language):
                order = self.order(unit_price=Decimal(149))
                content = draw(order)
                self.assertIn(amount, read_pdf(content))
                self.assertEqual(PdfReader(BytesIO(content)).trailer["/Root"]["/Lang"], language)


@ddt
class RobustTest(DocumentCase):
    @data(*range(len(HOSTILE)))
    def test_any_text_can_be_printed(self, number: int) -> None:
        text = HOSTILE[number]
        order = self.wallet_order()
        order.token_type.description = text
        order.token_type.name = text[:64]
        order.account.name = text[:255]
        order.billing_name, order.billing_street = text[:255], text[:500]
        order.purchase_order = text[:64]
        seller = {"name": text, "address": [text[:500]] * 3, "footer": text, "bank": text}
        with sold_by(seller):
            content = pdf.draw(write_document(describe_order(order)))
        reader = PdfReader(BytesIO(content))
        self.assertGreaterEqual(len(reader.pages), 1)
        for page in reader.pages:
            self.assertNotIn("/Annots", page)
            self.assertNotIn("/XObject", page["/Resources"])

    def test_markup_is_printed_as_it_was_typed(self) -> None:
        self.gold.description = "<b>Gold</b> &amp; <img src='http://x.example/'/>"
        self.gold.save()
        self.assertIn(self.gold.description, read_pdf(draw(self.wallet_order())))

    def test_a_long_description_goes_on_over_pages_to_its_last_word(self) -> None:
        self.gold.description = "word " * 4000 + "LAST"
        self.gold.save()
        content = draw(self.wallet_order())
        said = read_pdf(content)
        self.assertEqual(said.count("word"), 4000)
        self.assertIn("LAST", said)
        self.assertGreater(len(PdfReader(BytesIO(content)).pages), 2)

    def test_many_refunds_have_the_headings_and_a_number_on_each_page(self) -> None:
        order = self.processed(120, invoice_number="INV-1")
        for _ in range(100):
            self.cancel(order, 1, Decimal("1.25"))
        pages = PdfReader(BytesIO(draw(order))).pages
        self.assertGreater(len(pages), 2)
        for number, page in enumerate(pages, start=1):
            said = " ".join(page.extract_text().split())
            self.assertIn(f"Page {number} of {len(pages)}", said)
            self.assertIn("Invoice INV-1", said)
            self.assertIn("Refund", said)
        self.assertEqual(sum(page.extract_text().count("-£1.25") for page in pages), 100)
        self.assertIn("Balance £17,755.00", read_pdf(draw(order)))


class FileTest(DocumentCase):
    @sold_by(SELLER)
    def test_title_author_and_font_are_in_the_file(self) -> None:
        order = self.order()
        reader = PdfReader(BytesIO(draw(order)))
        self.assertEqual(reader.metadata.title, f"Order request {order.number}")
        self.assertEqual(reader.metadata.author, "Nordlicht Training")
        self.assertEqual(reader.trailer["/Root"]["/Lang"], "en")
        fonts = [font.get_object() for font in reader.pages[0]["/Resources"]["/Font"].values()]
        names = {font["/BaseFont"].split("+")[-1] for font in fonts}
        self.assertEqual(names, {"DejaVuSans", "DejaVuSans-Bold"})

    def test_the_answer_is_a_file_that_no_cache_keeps(self) -> None:
        order = find_order(self.order().pk)
        answer = answer_with_pdf(order)
        self.assertEqual(answer["Content-Type"], "application/pdf")
        name = f'attachment; filename="order-{order.number}.pdf"'
        self.assertEqual(answer["Content-Disposition"], name)
        self.assertIn("no-store", answer["Cache-Control"])
        self.assertEqual(answer["X-Content-Type-Options"], "nosniff")
        self.assertTrue(answer.content.startswith(b"%PDF-"))

    def test_reportlab_waits_until_somebody_asks_for_a_pdf(self) -> None:
        script = (
            "import sys, django; django.setup()\n"
            "from django.urls import get_resolver; get_resolver().url_patterns\n"
            "assert 'token_payments.invoicing.download' in sys.modules\n"
            "assert 'reportlab' not in sys.modules"
        )
        environment = {"DJANGO_SETTINGS_MODULE": "lms.envs.test", "PYTHONPATH": ":".join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, check=False
        )
        self.assertEqual(done.returncode, 0, done.stderr.decode())
