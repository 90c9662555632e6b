"""Real Chromium, for the screenshots and the browser tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
PASSWORD = "demo"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def launch() -> Iterator[Browser]:
    """The Chromium that CHROMIUM names, the machine's own one, or else Playwright's."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS])
        try:
            yield browser
        finally:
            browser.close()


def open_context(browser: Browser, url: str, viewport: ViewportSize) -> BrowserContext:
    """A visitor with cookies of their own; a phone also has touch and two pixels per point."""
    is_phone = viewport == PHONE
    return browser.new_context(
        base_url=url,
        viewport=viewport,
        has_touch=is_phone,
        is_mobile=is_phone,
        device_scale_factor=2 if is_phone else 1,
        locale="en-GB",
        timezone_id="Europe/London",
    )


def sign_in(page: Page, username: str, *, password: str = PASSWORD) -> None:
    """Sign in on the LMS's page, and leave that page."""
    page.goto("/login")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/login" not in url)


def sign_out(page: Page) -> None:
    page.context.clear_cookies()
