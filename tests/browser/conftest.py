"""The demo in processes of its own, and Chromium at the size of a desktop and of a phone.

Every test gets visitors without cookies; the demo and its data are shared by all tests here, so a
test makes the orders that it needs. A script error on a page fails the test that met it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from scripts import browser as chromium
from scripts.demo import Demo, find_free_port

Visit = Callable[..., Page]


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The mini LMS and a worker, seeded like `make demo`; ``demo.mails`` has the mails sent."""
    with Demo(tmp_path_factory.mktemp("demo"), find_free_port()) as running:
        yield running


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium.launch() as launched:
        yield launched


@pytest.fixture
def visit(browser: Browser, demo: Demo) -> Iterator[Visit]:
    """``visit("learner1")`` opens a page with cookies of its own, signed in; "" for a stranger."""
    contexts = []
    script_errors: list[str] = []

    def open_page(username: str = "", *, viewport: ViewportSize = chromium.DESKTOP) -> Page:
        context = chromium.open_context(browser, demo.url, viewport)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: script_errors.append(str(error)))
        if username:
            chromium.sign_in(page, username)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not script_errors


@pytest.fixture
def page(visit: Visit) -> Page:
    """A desktop, not signed in."""
    return visit()


@pytest.fixture
def phone(visit: Visit) -> Page:
    """A phone, not signed in."""
    return visit(viewport=chromium.PHONE)


@pytest.fixture
def sign_in() -> Callable[..., None]:
    """``sign_in(page, username)`` on the LMS's own page."""
    return chromium.sign_in
