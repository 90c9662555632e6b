"""The button in real Chromium: on a page that starts as an MFE does, with what Tutor wrote.

The page is on another port than the miniature LMS, as an MFE is on another host than the LMS. The
LMS's CORS headers and its refusal to refresh a token that nobody has are added on the way: the
miniature has neither.
"""

from __future__ import annotations

import mimetypes
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from scripts import browser as chromium
from scripts.demo import REPOSITORY, Demo, find_free_port
from tests.browser.inspection import Inspection
from tests.tutor.conftest import Tutor

PAID, MIXED, TOKENS_ONLY = ("course-v1:Demo+" + key for key in ("SAFE201", "DATA110", "DUST180"))
FREE, FULL, CLOSED = ("course-v1:Demo+" + key for key in ("FREE101", "COACH220", "GDPR130"))
YEARS = {CLOSED: 2025}
SIZES = {"desktop": chromium.DESKTOP, "phone": chromium.PHONE}
API = "**/token-payments/api/front/v1/items/*"
PATIENCE = 20_000  # ms


class Mfe:
    """Pages of the bundle, for one visitor after the other."""

    def __init__(self, browser: Browser, demo: Demo, bundle: Path, pictures: Path) -> None:
        self.browser, self.demo, self.bundle = browser, demo, bundle
        self.pictures = pictures
        self.url = f"http://{urlsplit(demo.url).hostname}:{find_free_port()}"
        self.inspections: list[Inspection] = []

    def open(self, course: str, username: str = "", size: str = "desktop") -> Page:
        """The course's page; fails the test when it is wider than the screen or axe objects."""
        context = chromium.open_context(self.browser, self.demo.url, SIZES[size])
        context.set_default_timeout(PATIENCE)
        self._route(context)
        page = context.new_page()
        if username:
            chromium.sign_in(page, username)
        page.goto(f"{self.url}/catalog/courses/{course}+{YEARS.get(course, 2026)}/about")
        page.wait_for_selector("main button:not([disabled]), main a, main [role=status]")
        return page

    def look(self, page: Page, name: str) -> None:
        inspection = Inspection(self.pictures, self.url)
        inspection(page, name)
        assert not inspection.complaints, "\n".join(inspection.complaints)

    def _route(self, context: BrowserContext) -> None:
        context.route(f"{self.url}/**", self._serve)
        context.route(
            "**/login_refresh", lambda route: route.fulfill(status=401, headers=self.cors)
        )
        context.route(API, self._let_in)

    @property
    def cors(self) -> dict[str, str]:
        return {
            "access-control-allow-origin": self.url,
            "access-control-allow-credentials": "true",
            "access-control-allow-headers": "use-jwt-cookie",
        }

    def _let_in(self, route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, headers={**response.headers, **self.cors})

    def _refuse(self, route: Route) -> None:
        route.fulfill(status=401, headers=self.cors)

    def _serve(self, route: Route) -> None:
        """A file of the bundle, and its page for every other address."""
        path = self.bundle / unquote(urlsplit(route.request.url).path).removeprefix("/catalog/")
        path = path if path.is_file() else self.bundle / "index.html"
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        route.fulfill(body=path.read_bytes(), content_type=kind)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with Demo(tmp_path_factory.mktemp("demo"), find_free_port()) as running:
        yield running


@pytest.fixture(scope="module")
def mfe(demo: Demo, verawood: Tutor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mfe]:
    target = tmp_path_factory.mktemp("bundle")
    command = ["node", "tests/build_page.mjs", verawood.env / "plugins/mfe/build/mfe", target]
    subprocess.run([*map(str, command), demo.url], check=True, cwd=REPOSITORY / "tutor")
    pictures = REPOSITORY / "test-results" / "tutor"
    with chromium.launch() as browser:
        yield Mfe(browser, demo, target, pictures)


@pytest.mark.parametrize("size", SIZES)
def test_a_paid_course_leads_to_its_checkout(mfe: Mfe, size: str) -> None:
    page = mfe.open(PAID, "learner1", size)
    mfe.look(page, f"payable-{size}")
    expect(page.get_by_text("Price: £149")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{mfe.demo.url}/token-payments/checkout/**")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_visitor_signs_in_and_is_at_the_checkout(mfe: Mfe) -> None:
    page = mfe.open(PAID)
    mfe.look(page, "signed-out")
    page.get_by_role("link", name="Sign in to enrol").click()
    page.fill("input[name=username]", "learner2")
    page.fill("input[name=password]", chromium.PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{mfe.demo.url}/token-payments/checkout/**")


def test_a_course_with_a_free_track_has_both_ways(mfe: Mfe) -> None:
    page = mfe.open(MIXED, "learner1", "phone")
    mfe.look(page, "mixed")
    expect(page.get_by_role("link", name="Enrol with")).to_be_visible()
    expect(page.get_by_role("link", name="Take it at no cost")).to_be_visible()


def test_a_course_for_tokens_alone_says_so(mfe: Mfe) -> None:
    page = mfe.open(TOKENS_ONLY, "learner1")
    expect(page.get_by_role("link", name="Enrol with training tokens")).to_be_visible()
    expect(page.get_by_text("Price:")).not_to_contain_text("£")


def test_a_free_course_keeps_the_hosts_button(mfe: Mfe) -> None:
    page = mfe.open(FREE, "learner1")
    page.get_by_role("button", name="Enroll now").click()
    expect(page.get_by_role("button", name="Enroll now")).to_be_disabled()


@pytest.mark.parametrize(("course", "text"), [(FULL, "full"), (CLOSED, "closed")])
def test_a_course_that_nobody_can_join_says_why(mfe: Mfe, course: str, text: str) -> None:
    page = mfe.open(course, "learner1")
    mfe.look(page, text)
    expect(page.get_by_role("status")).to_contain_text(text)
    expect(page.get_by_role("link")).to_have_count(0)


def test_an_lms_that_fails_can_be_asked_again(mfe: Mfe) -> None:
    page = mfe.open(PAID, "learner1")
    page.route(API, lambda route: route.fulfill(status=500, headers=mfe.cors))
    page.reload()
    expect(page.get_by_role("alert")).to_be_visible()
    mfe.look(page, "failed")
    page.unroute(API)
    page.get_by_role("button", name="Try again").press("Enter")
    expect(page.get_by_role("link", name="Enrol with")).to_be_focused()
