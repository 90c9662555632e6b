"""What is asked of every page that a story passes: a picture to look at, no sideways scrolling, and
no violation of WCAG 2.1 AA that axe can find.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
# Django's own admin, around our pages: its templates and its style sheet aren't ours to mend.
NOT_OURS = ["#header", ".breadcrumbs", "#nav-sidebar", "#toggle-nav-sidebar", "#footer"]
AXE = Path(AXE_FILE_PATH).read_text(encoding="utf-8")
CHECK = """async ([skipped, levels]) => {
  const include = document.querySelector(".model-tokenorder, .app-token_payments")
    ? { include: [["body"]], exclude: skipped.map((selector) => [selector]) } : document;
  const runOnly = { type: "tag", values: levels };
  const { violations } = await axe.run(include, { runOnly, resultTypes: ["violations"] });
  return violations.map(({ id, help, nodes }) =>
    `${id} (${help}): ` + nodes.map((node) => node.html.slice(0, 160)).join(" ; "));
}"""
OVERFLOW = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const isWide = (element) => element.getBoundingClientRect().right > width + 0.5;
  const wide = [...document.body.querySelectorAll("*")].filter(isWide);
  return wide.slice(0, 8).map((element) => element.outerHTML.slice(0, 120));
}"""
NARROW = {"width": 320, "height": 640}


class Inspection:
    """Collects what is wrong with the pages of one test, and keeps a picture of each."""

    def __init__(self, pictures: Path, url: str) -> None:
        self.pictures, self.url = pictures, url
        self.complaints: list[str] = []
        self._shown = 0

    def watch(self, context: BrowserContext) -> None:
        """Notice what a page does behind the visitor's back."""
        context.on("console", self._hear)
        context.on("weberror", lambda error: self._complain(f"script error: {error.error}"))
        context.on("request", self._follow)
        context.on("response", self._check_response)

    def __call__(self, page: Page, name: str, *, whole: bool = True) -> None:
        """Take a picture, and check the page as it is now."""
        self.take_picture(page, name, whole=whole)
        self.check_width(page, name)
        page.evaluate(AXE)
        for violation in page.evaluate(CHECK, [NOT_OURS, LEVELS]):
            self._complain(f"{name}: {violation}")

    def take_picture(self, page: Page, name: str, *, whole: bool = True) -> None:
        """Of the ``whole`` page, or of what is in the window."""
        self._shown += 1
        self.pictures.mkdir(parents=True, exist_ok=True)
        path = self.pictures / f"{self._shown:02}-{name}.png"
        page.screenshot(path=path, full_page=whole, animations="disabled", scale="css")

    def check_width(self, page: Page, name: str) -> None:
        wide: list[Any] = page.evaluate(OVERFLOW)
        if wide:
            self._complain(f"{name}: scrolls sideways: {wide}")

    def _hear(self, message: ConsoleMessage) -> None:
        # a page that answers with 409 is an "error" for the console; subresources are checked below
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self._complain(f"console: {message.text}")

    def _follow(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self._complain(f"request to {request.url}")

    def _check_response(self, response: Response) -> None:
        is_page = response.request.resource_type == "document"
        if response.status >= (500 if is_page else 400):
            self._complain(f"{response.status} for {response.url}")

    def _complain(self, text: str) -> None:
        self.complaints.append(text)
