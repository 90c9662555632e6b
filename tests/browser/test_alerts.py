"""Low balance alerts in Chromium: what a manager sets, and the same in the admin."""

from __future__ import annotations

from playwright.sync_api import ViewportSize, expect

from lms.djangoapps.demo import data
from tests.browser import steps
from tests.browser.conftest import Visit
from tests.browser.inspection import Inspection


def test_a_manager_is_told_that_few_are_left_and_changes_when(
    visit: Visit, look: Inspection, size: ViewportSize
) -> None:
    page = visit(data.LEARNER3, size=size)
    page.goto("/token-payments/tokens/")
    card = page.locator(".tp-wallet", has_text="Silver")
    expect(card.locator(".tp-pill--warn")).to_contain_text("Fewer than")
    expect(card.locator(".tp-wallet__forecast")).to_contain_text("will expire unused")
    look(page, "low-card")
    card.get_by_role("link", name="Low balance alert").click()
    expect(steps.heading(page, "Silver: low balance alert")).to_be_visible()
    page.get_by_label("Tell when fewer than").fill("lots")
    page.get_by_label("Tell these e-mail addresses").fill("office@example.com\nnobody")
    steps.button(page, "Save").click()
    expect(page.get_by_role("alert")).to_be_focused()
    look(page, "alert-errors")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Tell when fewer than")).to_be_focused()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("20")
    page.get_by_label("Tell these e-mail addresses").fill("")
    steps.button(page, "Save").click()
    expect(page.get_by_role("status")).to_contain_text("There are fewer already")
    look(page, "alert-saved")


def test_the_admin_has_an_alert_for_each_type(
    visit: Visit, look: Inspection, size: ViewportSize
) -> None:
    page = visit(data.OPERATOR, size=size)
    page.goto("/admin/token_payments/account/")
    page.get_by_role("link", name=data.HOMES, exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("will expire unused")
    steps.link(page, "Alerts").click()
    form = page.get_by_role("form", name="Bronze")
    form.get_by_label("Tell these addresses").fill("nobody")
    form.get_by_role("button").click()
    expect(page.get_by_text("“nobody” is no e-mail address.")).to_be_visible()
    look(page, "admin-alert-error")
    form.get_by_label("Tell these addresses").fill("")
    form.get_by_label("Tell when fewer").fill("2")
    form.get_by_role("button").click()
    expect(page.get_by_text("The low balance alert for Bronze was saved.")).to_be_visible()
    look(page, "admin-alerts")
