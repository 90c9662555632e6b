"""Webhooks in the admin: set up, tried, given a new secret; on a desktop and on a phone."""

from __future__ import annotations

from playwright.sync_api import Page, ViewportSize, expect

from scripts.demo import find_free_port
from tests.browser import steps
from tests.browser.conftest import Visit
from tests.browser.inspection import Inspection

ENDPOINTS = "/admin/token_payments/webhookendpoint/"
DELIVERIES = "/admin/token_payments/webhookdelivery/"


def test_an_endpoint_is_set_up_tried_and_given_a_new_secret(
    visit: Visit, look: Inspection, size: ViewportSize
) -> None:
    page = visit("operator", size=size)
    page.goto(ENDPOINTS)
    look(page, "list")
    page.goto(f"{ENDPOINTS}add/")
    page.get_by_label("Address").fill("ftp://hooks.example.com/")
    steps.button(page, "Save").click()
    expect(page.get_by_text("The address has to begin with https://.")).to_be_visible()
    look(page, "refused")
    # nobody listens there: what fails is seen
    page.get_by_label("Address").fill(f"http://127.0.0.1:{find_free_port()}/hooks")
    page.get_by_label("Description").fill("Accounts department")
    steps.button(page, "Save").click()
    first = read_secret(page)
    look(page, "secret")
    steps.link(page, "Close").click()
    look(page, "endpoint")
    steps.link(page, "New secret").click()
    expect(steps.heading(page, "Make a new secret?")).to_be_visible()
    look(page, "new-secret")
    steps.button(page, "Yes").dblclick(no_wait_after=True)
    assert read_secret(page) != first
    steps.link(page, "Close").click()
    steps.link(page, "Send a test").click()
    look(page, "ask-for-a-test")
    steps.button(page, "Yes").click()
    wait_for_failure(page)
    look(page, "deliveries")
    page.locator("#result_list tbody a").first.click()
    expect(page.get_by_text("No connection")).to_be_visible()
    look(page, "delivery")


def read_secret(page: Page) -> str:
    expect(steps.heading(page, "The secret of this webhook")).to_be_visible()
    secret = page.locator("#secret").inner_text()
    assert secret.startswith("whsec_")
    return secret


def wait_for_failure(page: Page) -> None:
    """A worker tries a test once."""
    for _ in range(40):
        if page.locator("#result_list").get_by_text("Failed").count():
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError("the test wasn't tried")
