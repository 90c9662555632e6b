"""The API's reference: read on a desktop and on a phone, with a mouse and with keys alone."""

from __future__ import annotations

from playwright.sync_api import Page, ViewportSize, expect

from tests.browser import steps
from tests.browser.conftest import Visit
from tests.browser.inspection import Inspection
from tests.browser.test_pages import NARROW

PATH = "/token-payments/api/v1/docs/"


def test_every_operation_can_be_read(visit: Visit, look: Inspection, size: ViewportSize) -> None:
    page = open_reference(visit, size)
    operations = page.locator("details.tp-api")
    assert operations.count() > 50
    look(page, "reference")
    operation = page.locator("details#orders_create")
    operation.locator("summary").click()
    expect(operation.get_by_text("quantity", exact=True).first).to_be_visible()
    expect(operation.get_by_text("The same.", exact=True)).to_have_count(0)
    look(page, "operation")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    look(page, "all-operations")
    page.set_viewport_size(NARROW)
    look.check_width(page, "narrow")


def test_keys_alone_lead_to_a_resource_and_open_an_operation(
    visit: Visit, look: Inspection, size: ViewportSize
) -> None:
    page = open_reference(visit, size)
    link = page.get_by_role("navigation", name="Resources").get_by_role("link", name="Orders")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator("h2#orders")).to_be_in_viewport()
    page.keyboard.press("Tab")
    first = page.locator("section[aria-labelledby=orders] details").first
    expect(first.locator("summary")).to_be_focused()
    look.take_picture(page, "focus")
    page.keyboard.press("Enter")
    expect(first).to_have_attribute("open", "")
    look(page, "opened-by-keys")
    page.keyboard.press("Enter")
    expect(first).not_to_have_attribute("open", "")


def open_reference(visit: Visit, size: ViewportSize) -> Page:
    page = visit("operator", size=size)
    response = page.goto(PATH)
    assert response is not None
    assert response.status == 200
    expect(steps.heading(page, "API reference")).to_be_visible()
    return page
