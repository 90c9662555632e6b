"""checkout.js in a real browser: it helps with the code, and never gets in the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

import token_payments
from tests import factories
from tests.portal.base import COURSE, url

pytestmark = pytest.mark.browser

SITE = "http://lms.test"
STATIC = Path(token_payments.__file__).parent / "static"
CODE = "7KQ2-M4ZD-W9TX-3VBNC"
LOOSE = CODE.replace("-", "").lower()
TOO_SHORT = "7KQ2"


@pytest.fixture(scope="module")
def pages(django_db_setup: None, django_db_blocker: Any) -> dict[str, str]:
    """The payment page as it comes, and after a typing error; the database is as before."""
    client, address = Client(), url("checkout")
    with django_db_blocker.unblock(), transaction.atomic():
        cache.clear()
        factories.make_shop(COURSE)
        wrong = client.post(address, {"method": "token_code", "token_code-code": TOO_SHORT})
        texts = {"GET": client.get(address).content.decode(), "POST": wrong.content.decode()}
        transaction.set_rollback(True)
    cache.clear()
    return texts


@pytest.fixture(scope="module")
def browser(pages: dict[str, str]) -> Iterator[Any]:
    from scripts import browser as chromium

    with chromium.launch() as launched:
        yield launched


@pytest.fixture
def page(browser: Any, pages: dict[str, str]) -> Iterator[Any]:
    """The payment page; ``page.posts`` has what was sent. Only the error is ever answered."""
    page = browser.new_page()
    page.posts = []

    def answer(route: Any) -> None:
        path = route.request.url.removeprefix(SITE).split("?")[0]
        if path.startswith("/static/token_payments/"):
            route.fulfill(path=STATIC / path.removeprefix("/static/"))
        elif path.startswith("/static/"):
            route.fulfill(status=404)
        elif route.request.method == "GET":
            route.fulfill(body=pages["GET"], content_type="text/html")
        else:
            page.posts.append(route.request.post_data)
            if TOO_SHORT in parse_qs(route.request.post_data).get("token_code-code", []):
                route.fulfill(body=pages["POST"], content_type="text/html")

    page.route("**/*", answer)
    page.goto(SITE + url("checkout"))
    yield page
    page.close()


def get_field(page: Any) -> Any:
    return page.locator("input.tp-input")


# The mark has pytest-django make the database, which the other tests of this file don't touch.
@pytest.mark.django_db
def test_pages_carry_the_script(pages: dict[str, str]) -> None:
    for page in pages.values():
        assert "token_payments/checkout.js" in page


def test_typed_code_is_grouped(page):
    get_field(page).click()
    page.keyboard.type(LOOSE)
    assert get_field(page).input_value() == CODE


def test_pasted_code_is_grouped(page):
    get_field(page).click()
    page.keyboard.insert_text(f"  {LOOSE[:5]} {LOOSE[5:]}\t")
    assert get_field(page).input_value() == CODE


def test_too_much_is_shown_not_cut(page):
    get_field(page).click()
    page.keyboard.type(LOOSE + "zz")
    assert get_field(page).input_value() == CODE + "ZZ"


def test_caret_stays_where_one_types(page):
    get_field(page).click()
    page.keyboard.type(LOOSE.replace("m4", "", 1))
    get_field(page).evaluate("input => input.setSelectionRange(4, 4)")
    page.keyboard.type("m4")
    assert get_field(page).input_value() == CODE


def test_backspace_goes_through_a_dash(page):
    get_field(page).click()
    page.keyboard.type(LOOSE[:5])
    assert get_field(page).input_value() == "7KQ2-M"
    for _ in range(2):
        page.keyboard.press("Backspace")
    assert get_field(page).input_value() == "7KQ"


def test_code_of_the_fragment_is_filled_in_and_leaves_the_address(page):
    page.goto("about:blank")
    page.goto(f"{SITE}{url('checkout')}#code={LOOSE}")
    assert get_field(page).input_value() == CODE
    assert page.url == SITE + url("checkout")


def test_two_clicks_on_next_send_the_form_once(page):
    get_field(page).fill(CODE)
    page.locator("button:has-text('Next')").dblclick(no_wait_after=True)
    page.wait_for_timeout(300)
    assert len(page.posts) == 1


def test_errors_are_where_the_focus_is(page):
    get_field(page).fill(TOO_SHORT)
    page.locator("button:has-text('Next')").click()
    # the new page may be there before its script has run
    page.wait_for_function("document.activeElement.getAttribute('role') === 'alert'", timeout=5000)
    page.locator(".tp-summary a").click()
    assert page.evaluate("document.activeElement.name") == "token_code-code"


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_wider_than_the_screen(page, width):
    page.set_viewport_size({"width": width, "height": 700})
    get_field(page).fill(CODE)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    field = get_field(page).evaluate("input => [input.scrollWidth, input.clientWidth]")
    assert field[0] <= field[1]
