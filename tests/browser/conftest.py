"""The demo in processes of its own, and Chromium at the size of a desktop and of a phone.

Every test gets visitors without cookies; the demo and its data are shared by all tests here, so a
test takes learners and codes from the stock, or makes the orders that it needs. A page that writes
an error to the console, sends a request elsewhere, scrolls sideways or violates WCAG 2.1 AA fails
the test that met it. Pictures of all pages are in test-results/browser.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from scripts import browser as chromium
from scripts.demo import REPOSITORY, Demo, find_free_port
from tests.browser.inspection import Inspection
from tests.browser.stock import Stock, make_stock

Visit = Callable[..., Page]
SIZES = {"desktop": chromium.DESKTOP, "phone": chromium.PHONE}
PATIENCE = 20_000  # ms until a step that doesn't happen fails: machines are busy

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The mini LMS and a worker, seeded like `make demo`; ``demo.mails`` has the mails sent."""
    with Demo(tmp_path_factory.mktemp("demo"), find_free_port()) as running:
        yield running


@pytest.fixture(scope="package")
def stock(demo: Demo) -> Stock:
    return make_stock(demo)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium.launch() as launched:
        yield launched


@pytest.fixture(scope="package")
def pictures() -> Path:
    """An empty directory for this run's pictures."""
    directory = REPOSITORY / "test-results" / "browser"
    shutil.rmtree(directory, ignore_errors=True)
    return directory


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> ViewportSize:
    """The test runs once at each size."""
    return SIZES[request.param]


@pytest.fixture
def look(request: pytest.FixtureRequest, pictures: Path, demo: Demo) -> Iterator[Inspection]:
    """``look(page, "review")`` takes a picture and inspects the page; fails at the test's end."""
    name = re.sub(r"\W+", "-", request.node.name).strip("-")
    inspection = Inspection(pictures / name, demo.url)
    yield inspection
    assert not inspection.complaints, "\n".join(inspection.complaints)


@pytest.fixture
def visit(browser: Browser, demo: Demo, look: Inspection) -> Iterator[Visit]:
    """``visit("learner1")`` opens a page with cookies of its own, signed in; "" for a stranger."""
    contexts = []

    def open_page(
        username: str = "", *, size: ViewportSize = chromium.DESKTOP, scripts: bool = True
    ) -> Page:
        context = chromium.open_context(browser, demo.url, size)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        look.watch(context)
        page = context.new_page()
        if not scripts:
            emulation = context.new_cdp_session(page)
            emulation.send("Emulation.setScriptExecutionDisabled", {"value": True})
        if username:
            chromium.sign_in(page, username)
        return page

    yield open_page
    for context in contexts:
        context.close()
