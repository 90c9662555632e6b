"""From the order to the course: an admin sells 25 places, a learner takes one of them."""

from __future__ import annotations

import email
import email.policy
import re
import time
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from scripts.demo import Demo
from tests.browser import steps
from tests.browser.conftest import PATIENCE, Visit
from tests.browser.inspection import Inspection
from tests.browser.stock import COHORTED, GROUP, Stock

TITLE = "First Steps in Leadership"
CODE = re.compile(r"^(?:[0-9A-Z]{4}-){3}[0-9A-Z]{5}$", re.MULTILINE)


def test_an_order_becomes_codes_and_a_code_becomes_an_enrolment(
    visit: Visit, demo: Demo, stock: Stock, look: Inspection, size: ViewportSize
) -> None:
    admin = visit("course_admin", size=size)
    number = add_order(admin, look)
    process(admin, look)
    codes = reveal(admin, look)
    assert len(set(codes)) == 25
    mail_codes(admin, look)
    assert set(CODE.findall(read_mail(demo, number))) == set(codes)
    cancel_three(admin, look)

    learner = stock.take_learner()
    page = visit(learner, size=size)
    find_course(page, look)
    pay(page, look, codes[0])
    arrive(page, look)
    see_learner(admin, look, learner)


def add_order(page: Page, look: Inspection) -> str:
    """Token Orders > Add; returns the new order's number."""
    page.goto("/admin/")
    look(page, "admin-home")
    page.get_by_role("main").get_by_role("link", name="Token orders", exact=True).click()
    look(page, "orders")
    page.locator(".object-tools").get_by_role("link", name="Add token order").click()
    look(page, "new-order")
    steps.fill_order(page, course=COHORTED, quantity=25)
    page.locator("select#id_group_name").select_option(GROUP)
    steps.save_order(page)
    expect(page.locator(".tp-badge")).to_have_text("Requested")
    look(page, "requested-order")
    title = page.get_by_role("heading", name=re.compile("^Token Order TO-")).inner_text()
    return title.removeprefix("Token Order ")


def process(page: Page, look: Inspection) -> None:
    """Finish Processing, Yes, and wait until the page itself says Processed."""
    steps.ask_to_process(page)
    look(page, "confirm-processing")
    steps.button(page, "Yes").click()
    expect(page.locator(".tp-badge")).to_have_text("Processed")
    steps.expect_figures(page, ordered=25, available=25, redeemed=0, cancelled=0)
    look(page, "processed-order")


def reveal(page: Page, look: Inspection) -> list[str]:
    steps.open_tab(page, "Tokens")
    assert not CODE.findall(page.locator(".tp-table tbody").inner_text().replace("\t", "\n"))
    look(page, "tokens-masked")
    steps.button(page, "Reveal").click()
    expect(page.get_by_text("The codes on this page are shown in full.")).to_be_visible()
    look(page, "tokens-revealed")
    return page.locator("code.tp-code").all_inner_texts()


def mail_codes(page: Page, look: Inspection) -> None:
    steps.link(page, "Email list of available Tokens").click()
    expect(page.get_by_text("buyer@example.com")).to_be_visible()
    look(page, "confirm-mail")
    steps.button(page, "Yes").click()
    expect(page.get_by_text("being e-mailed to buyer@example.com")).to_be_visible()


def read_mail(demo: Demo, number: str) -> str:
    """The text of the mail with an order's codes, as soon as the worker has sent it."""
    deadline = time.monotonic() + PATIENCE / 1000
    while True:
        for file in demo.mails.iterdir():
            if number in (text := read_text(file)) and CODE.search(text):
                return text
        if time.monotonic() > deadline:
            pytest.fail(f"no mail about {number}")
        time.sleep(0.1)


def read_text(file: Path) -> str:
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    return body.get_content() if body else ""


def cancel_three(page: Page, look: Inspection) -> None:
    """The refund follows the number of tokens: 3 times 320, and 20 % tax."""
    steps.link(page, "Cancel Tokens").click()
    page.get_by_label("Number of tokens").fill("3")
    expect(page.get_by_label("Refund amount")).to_have_value("1152.00")
    page.get_by_label("Reason").fill("Three people changed teams")
    look(page, "cancel-tokens")
    steps.button(page, "Save Token Order Cancellation").click()
    listed = page.locator(".tp-table tbody tr")
    expect(listed).to_have_count(1)
    expect(listed).to_contain_text("£1,152.00")
    expect(listed).to_contain_text("Three people changed teams")
    steps.expect_figures(page, available=22, cancelled=3)
    look(page, "cancellations")


def find_course(page: Page, look: Inspection) -> None:
    page.goto("/")
    steps.link(page, TITLE).click()
    look(page, "course")
    steps.link(page, "Enrol").click()
    expect(steps.heading(page, "How would you like to pay?")).to_be_visible()
    expect(page.get_by_role("textbox", name="Token Code")).to_be_visible()  # the only method
    look(page, "payment")


def pay(page: Page, look: Inspection, code: str) -> None:
    """A typing error first; then the code as people write it down; Finish clicked twice."""
    wrong = "0" if code[0] != "0" else "1"
    steps.enter_code(page, wrong + code[1:])
    field = steps.code_field(page)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("alert")).to_be_focused()
    look(page, "typing-error")
    page.get_by_role("alert").get_by_role("link").click()
    expect(field).to_be_focused()
    steps.enter_code(page, code.replace("-", "").lower())
    expect(steps.heading(page, "Review your enrolment")).to_be_visible()
    expect(page.get_by_text(f"Token Code ending in {code[-4:]}")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(GROUP)
    look(page, "review")
    steps.button(page, "Finish").dblclick(no_wait_after=True)
    expect(steps.heading(page, "You are enrolled")).to_be_visible()
    look(page, "receipt")


def arrive(page: Page, look: Inspection) -> None:
    steps.link(page, "Go to the course").click()
    expect(page.get_by_role("main")).to_contain_text("in the mode professional")
    expect(page.get_by_role("main")).to_contain_text(f"in the group {GROUP}")
    steps.link(page, "My courses").first.click()
    row = page.locator("li", has_text=TITLE)
    expect(row).to_contain_text("Professional")
    expect(row).to_contain_text(f"Group: {GROUP}")
    look(page, "my-courses")


def see_learner(page: Page, look: Inspection, learner: str) -> None:
    steps.open_tab(page, "Tokens")
    first = page.locator(".tp-table tbody tr").first
    expect(first).to_contain_text(f"{learner}@example.com")
    expect(first).to_contain_text("Enrolled (professional)")
    expect(first.locator("time")).to_be_visible()
    expect(page.locator(".tp-table tbody tr").nth(24)).to_contain_text("Cancelled")
    look(page, "tokens-in-use")
    steps.open_tab(page, "Log")
    expect(page.locator(".tp-table tbody tr")).to_have_count(6)
    look(page, "log")
