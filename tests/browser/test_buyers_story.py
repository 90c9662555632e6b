"""The buyer's whole story: from a request of 20 tokens to the refund of three on the invoice."""

from __future__ import annotations

import email
import email.policy
import re
import time
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect
from pypdf import PdfReader

from scripts.demo import Demo
from tests.browser import steps
from tests.browser.conftest import PATIENCE, Visit
from tests.browser.inspection import Inspection
from tests.browser.stock import PAID, Stock

TITLE = "Manual Handling and Site Safety"
CODE = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){2}-[0-9A-Z]{5}")
LINK = re.compile(r"http\S+#code=\S+")


def test_twenty_tokens_from_the_request_to_the_refund(
    visit: Visit,
    demo: Demo,
    stock: Stock,
    look: Inspection,
    size: ViewportSize,
    tmp_path: Path,
) -> None:
    buyer, admin = visit("buyer", size=size), visit("course_admin", size=size)
    learner, mark = stock.take_learner(), "big" if size["width"] > 1000 else "small"
    order = request(buyer, f"PO-{mark}")
    process(admin, look, order, f"INV-{mark}")
    codes = reveal(buyer, look)
    give(buyer, look, learner, mark)
    text = read_mail(demo, f"{learner}@example.com")
    assert CODE.findall(text)[-1] in codes
    print_cards(buyer, codes, tmp_path)
    redeem(visit("", size=size), look, LINK.findall(text)[0], learner)
    see_who_used_it(buyer, look, order, learner)
    cancel_three(buyer, admin, look, order)
    see_the_refund(buyer, look, order, tmp_path)


def request(page: Page, purchase_order: str) -> int:
    """From the dashboard to the order's page; returns the order's id."""
    page.goto("/dashboard")
    steps.open_tokens(page)
    steps.link(page, "Request Token Order").click()
    course = page.get_by_label("Course", exact=True)
    course.select_option(course.locator("option", has_text=TITLE).get_attribute("value"))
    page.get_by_label("Number Of Tokens").fill("20")
    for label, text in steps.ADDRESS.items():
        page.get_by_label(label).fill(text)
    page.get_by_label("Country").select_option("GB")
    page.get_by_label("Purchase order number").fill(purchase_order)
    steps.button(page, "Next").click()
    expect(page.locator(".tp-money tfoot")).to_contain_text("£3,576.00")
    steps.button(page, "Save Enrolment Token Order").click()
    expect(page.get_by_role("status")).to_contain_text("Your order is requested.")
    found = re.search(r"/orders/(\d+)/", page.url)
    assert found
    return int(found[1])


def process(page: Page, look: Inspection, order: int, invoice: str) -> None:
    """The course admin finds the request, gives it its invoice number, and processes it."""
    page.goto(f"{steps.ORDERS}?status=requested")
    steps.link(page, f"TO-{order:06}").click()
    steps.ask_to_process(page)
    expect(page.get_by_text("The order has no invoice number")).to_be_visible()
    steps.link(page, "No").click()
    page.get_by_label("Invoice number").fill(invoice)
    steps.button(page, "Save Enrolment Token Order").click()
    steps.ask_to_process(page)
    expect(page.get_by_text("The order has no invoice number")).to_have_count(0)
    look(page, "confirm")
    steps.button(page, "Yes").click()
    expect(page.locator(".tp-badge")).to_have_text("Processed")


def reveal(page: Page, look: Inspection) -> list[str]:
    page.reload()
    expect(steps.heading(page, "The tokens are ready")).to_be_visible()
    expect(page.get_by_text("Your order is requested.")).to_have_count(0)
    steps.open_tab(page, "Tokens")
    steps.button(page, "Show the codes of this page").click()
    expect(page.locator("#token-20 code")).to_have_text(CODE)
    look(page, "tokens")
    codes = [CODE.findall(text)[0] for text in page.locator("[id^=token-] code").all_inner_texts()]
    assert len(set(codes)) == 20
    return codes


def give(page: Page, look: Inspection, learner: str, mark: str) -> None:
    """Five of a file with two bad rows; the list of the other fifteen leaves them out."""
    people = [f"Priya Raman,{learner}@example.com", f"No One,{mark}@", f"Ann,{mark}1@example.com"]
    people += [f"Person {number},{mark}{number}@example.com" for number in range(1, 5)]
    file = "\r\n".join(["Name,E-mail", *people]).encode()
    steps.open_tab(page, "Learners")
    steps.link(page, "Give tokens").click()
    page.get_by_label("File").set_input_files(
        {"name": "team.csv", "mimeType": "text/csv", "buffer": file}
    )
    steps.button(page, "Check the list").click()
    expect(page.locator(".tp-sums")).to_contain_text(re.compile(r"2\s+rows are left out"))
    steps.button(page, "Give and e-mail 5 tokens").click()
    expect(page.get_by_role("status")).to_contain_text("All mails have been sent.")
    steps.open_tab(page, "Tokens")
    expect(steps.heading(page, "Hand out 15 tokens")).to_be_visible()
    expect(page.get_by_text("5 available tokens are assigned")).to_be_visible()
    look(page, "some-are-assigned")


def read_mail(demo: Demo, address: str) -> str:
    """The text of the mail to a learner who gets no other."""
    deadline = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < deadline:
        for file in demo.mails.iterdir():
            message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            assert isinstance(message, EmailMessage)
            body = message.get_body(("plain",))
            if message["To"] == address and body:
                return body.get_content()
        time.sleep(0.1)
    pytest.fail(f"no mail to {address}")


def print_cards(page: Page, codes: list[str], folder: Path) -> None:
    """Two sheets, with the fifteen that nobody has, and none of the others."""
    steps.link(page, "Print cards").click()
    steps.button(page, "Make the cards").click()
    expect(page.get_by_role("article")).to_have_count(15)
    page.pdf(path=folder / "cards.pdf", format="A4")
    printed = PdfReader(folder / "cards.pdf").pages
    assert len(printed) == 2
    assert set(CODE.findall(" ".join(sheet.extract_text() for sheet in printed))) == set(codes[5:])


def redeem(page: Page, look: Inspection, link: str, learner: str) -> None:
    """From the mail's link, signed out: the code is filled in and lasts through signing in."""
    page.goto(link)
    expect(steps.code_field(page)).to_have_value(CODE)
    assert "code" not in page.url.replace(PAID, "")
    steps.button(page, "Next").click()
    steps.sign_in_here(page, learner)
    expect(steps.heading(page, "Review your enrolment")).to_be_visible()
    look(page, "learner-review")
    steps.finish(page)


def see_who_used_it(page: Page, look: Inspection, order: int, learner: str) -> None:
    page.goto(f"/token-payments/tokens/orders/{order}/learners/")
    row = page.locator(".tp-learner", has_text=f"{learner}@example.com")
    expect(row).to_contain_text("Redeemed")
    look(page, "who-has-which")


def cancel_three(page: Page, admin: Page, look: Inspection, order: int) -> None:
    """The buyer asks, the course admin grants it with a refund."""
    steps.open_tab(page, "Cancel")
    page.get_by_label("Number of tokens").fill("3")
    page.get_by_label("Reason").fill("Three people left")
    steps.button(page, "Send request").click()
    expect(steps.heading(page, "Request to cancel 3 tokens")).to_be_visible()
    admin.goto(f"{steps.ORDERS}{order}/change/")
    steps.link(admin, "Grant").click()
    admin.get_by_label("Refund amount").fill("536.40")
    steps.button(admin, "Grant").click()
    expect(admin.get_by_text("3 tokens were cancelled, £536.40 refunded.")).to_be_visible()
    steps.open_tab(page, "Overview")
    for part in ("1 redeemed", "16 available", "3 cancelled"):
        expect(page.locator(".tp-card").first).to_contain_text(part)
    look(page, "after-cancelling")


def see_the_refund(page: Page, look: Inspection, order: int, folder: Path) -> None:
    """On the invoice's page, and in the file."""
    steps.open_tab(page, "Invoice")
    look(page, "invoice")
    with page.expect_download() as download:
        steps.link(page, "Download PDF").click()
    download.value.save_as(folder / "invoice.pdf")
    saved = " ".join(each.extract_text() for each in PdfReader(folder / "invoice.pdf").pages)
    for said in (page.get_by_role("article").inner_text(), saved):
        assert "This confirms the order" not in said
        for text in ("INV-", "PO-", f"TO-{order:06}", "£3,576.00", "-£536.40", "£3,039.60"):
            assert text in said
