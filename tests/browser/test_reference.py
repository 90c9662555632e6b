"""The API's reference: read on a desktop and on a phone, with a mouse and with keys alone."""

from __future__ import annotations

import re
from typing import Any

import yaml
from playwright.sync_api import Locator, Page, ViewportSize, expect

from scripts.browser import DESKTOP, PHONE
from tests.browser import steps
from tests.browser.conftest import Visit
from tests.browser.inspection import NARROW, Inspection

PATH = "/token-payments/api/v1/docs/"


def test_every_operation_can_be_read(visit: Visit, look: Inspection, size: ViewportSize) -> None:
    page = open_reference(visit, size)
    described = {one["operationId"] for one in list_operations(page)}
    assert len(described) > 50
    drawn = page.locator("[data-section-id*='/operation/']")
    expect(drawn).to_have_count(len(described))
    sections = drawn.evaluate_all("all => all.map(one => one.dataset.sectionId)")
    assert {section.rpartition("/")[2] for section in sections} == described
    look(page, "reference", whole=False)
    operation = find_operation(page, "orders_create")
    operation.scroll_into_view_if_needed()
    expect(operation.get_by_text("quantity", exact=True).first).to_be_visible()
    expect(operation.get_by_text("The same.", exact=True)).to_have_count(0)
    look.take_picture(page, "operation", whole=False)
    page.set_viewport_size(NARROW)
    look.check_width(page, "narrow")


def test_an_operation_has_its_example_and_what_it_needs(
    visit: Visit, look: Inspection, size: ViewportSize
) -> None:
    page = open_reference(visit, size)
    operation = find_operation(page, "orders_create")
    expect(operation.get_by_text("/token-payments/api/v1/orders/").first).to_be_visible()
    expect(operation.get_by_role("row", name="Idempotency-Key required")).to_be_visible()
    [create] = [one for one in list_operations(page) if one["operationId"] == "orders_create"]
    example = create["requestBody"]["content"]["application/json"]["example"]
    sample = operation.get_by_role("tabpanel", name="Payload")
    sample.scroll_into_view_if_needed()
    for name in (*example, *example["billing"]):
        expect(sample.get_by_text(f'"{name}"', exact=True)).to_be_visible()
    look.take_picture(page, "example", whole=False)


def test_fields_are_named_by_the_way_to_them(visit: Visit, look: Inspection) -> None:
    page = open_reference(visit, DESKTOP)
    operation = find_operation(page, "accounts_create")
    expect(operation.get_by_role("row", name="name required")).to_be_visible()
    expect(operation.get_by_role("row", name="reference string or null")).to_be_visible()
    operation.get_by_role("button", name="billing").first.click()
    expect(operation.get_by_role("row", name=re.compile("^country string"))).to_be_visible()
    operation.get_by_role("button", name="201").first.click()
    role = operation.get_by_role("row", name="expand role")
    for value in ("member", "manager", "null"):
        expect(role.get_by_text(value).first).to_be_visible()
    look.take_picture(page, "fields", whole=False)
    orders = find_operation(page, "orders_list")
    orders.get_by_role("button", name="200").click()
    for way in ("results", "money"):
        orders.get_by_role("button", name=f"expand {way}", exact=True).click()
    expect(orders.get_by_role("row", name=re.compile("^total required string"))).to_be_visible()


def test_keys_alone_lead_to_a_resource_and_open_an_operation(
    visit: Visit, look: Inspection
) -> None:
    page = open_reference(visit, DESKTOP)
    resource = page.get_by_role("menuitem", name="orders", exact=True)
    resource.focus()
    look.take_picture(page, "focus", whole=False)
    page.keyboard.press("Enter")
    expect(find_heading(page, "orders")).to_be_in_viewport()
    page.keyboard.press("Tab")
    expect(page.get_by_role("menuitem", name="orders_list")).to_be_focused()
    page.keyboard.press("Enter")
    expect(find_heading(page, "orders_list")).to_be_in_viewport()
    look.take_picture(page, "opened-by-keys", whole=False)


def test_a_word_leads_to_an_operation(visit: Visit, look: Inspection) -> None:
    page = open_reference(visit, DESKTOP)
    page.get_by_label("Search").fill("reveal")
    page.get_by_role("menuitem", name="orders_codes_reveal_create").click()
    expect(find_heading(page, "orders_codes_reveal_create")).to_be_in_viewport()
    look.take_picture(page, "found", whole=False)


def test_a_phone_has_the_resources_behind_a_button(visit: Visit, look: Inspection) -> None:
    page = open_reference(visit, PHONE)
    resource = page.get_by_role("menuitem", name="orders", exact=True)
    expect(resource).to_be_hidden()
    page.locator(".menu-content + div").tap()
    look.take_picture(page, "menu", whole=False)
    resource.tap()
    expect(find_heading(page, "orders")).to_be_in_viewport()


def test_there_is_a_way_back(visit: Visit, look: Inspection, size: ViewportSize) -> None:
    page = open_reference(visit, size)
    steps.link(page, "Manage My Tokens").click()
    expect(steps.heading(page, "Manage My Tokens")).to_be_visible()


def test_without_scripts_it_leads_to_the_file(visit: Visit, look: Inspection) -> None:
    page = visit("", scripts=False)
    page.goto(PATH)
    text = page.locator("noscript p")
    expect(text).to_be_visible()
    look.take_picture(page, "without-scripts")
    link = text.locator("a")
    expect(link).to_have_attribute("href", "/token-payments/api/v1/openapi.yaml")


def open_reference(visit: Visit, size: ViewportSize) -> Page:
    page = visit("operator", size=size)
    response = page.goto(PATH)
    assert response is not None
    assert response.status == 200
    expect(find_heading(page, "webhook-endpoints")).to_be_visible()
    return page


def find_heading(page: Page, text: str) -> Locator:
    """Redoc's headings are named after their places, too."""
    return page.locator("h1, h2").filter(has_text=re.compile(rf"^{text}\s*$"))


def find_operation(page: Page, name: str) -> Locator:
    return page.locator(f"[data-section-id$='/operation/{name}']")


def list_operations(page: Page) -> list[Any]:
    document = yaml.safe_load(page.request.get("/token-payments/api/v1/openapi.yaml").text())
    return [one for methods in document["paths"].values() for one in methods.values()]
