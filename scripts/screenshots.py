"""Make the pictures of README and the guides: a fresh demo, real Chromium, docs/images/*.png.

Walks the stories: a course admin processes an order and a learner pays with one of its codes; a
buyer requests tokens, gives them to learners and has some cancelled; an operator looks at an
account's training tokens and its members pay with them.
"""

from __future__ import annotations

import sys
import tempfile
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from scripts import browser as chromium  # noqa: E402
from scripts.buyer_pictures import show_buyer  # noqa: E402
from scripts.demo import Demo, find_free_port  # noqa: E402

IMAGES = REPOSITORY / "docs" / "images"
COURSE = "course-v1:Demo+LEAD240+2026"
TOKEN_COURSE = "course-v1:Demo+MIND170+2026"
MANY_COURSE = "Working at Height (3 Gold)"
ACCOUNT = "Northgate Homes"
ADMIN = "/admin/token_payments/"
PRINT_CODES = """
from token_payments.assignments import queries as assignment_queries
from token_payments.orders import queries as order_queries
from token_payments.models import TokenOrder
order = TokenOrder.objects.get(item__item_key="{course}")
codes = order_queries.iterate_codes(order, codes=assignment_queries.list_unassigned(order))
print(*(code for row, code in codes), sep="\\n")
"""


def main() -> int:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="token-payments-") as folder,
        Demo(Path(folder), find_free_port()) as demo,
        chromium.launch() as browser,
    ):
        show_admin(browser, demo)
        show_buyer(partial(open_page, browser, demo), take, demo)
        printed = demo.manage("shell", "--verbosity=0", "-c", PRINT_CODES.format(course=COURSE))
        show_checkout(browser, demo, printed.split()[0])
        show_accounts(browser, demo)
        show_wallet_order(browser, demo)
        show_wallet_payment(browser, demo)
        show_manager(browser, demo)
    return 0


def show_admin(browser: Browser, demo: Demo) -> None:
    page = open_page(browser, demo, "course_admin")
    page.goto("/admin/token_payments/tokenorder/")
    take(page, "orders")
    page.get_by_role("link", name="TO-000002").click()
    page.get_by_text("Change", exact=True).first.click()
    page.get_by_role("link", name="Finish processing").click()
    page.get_by_role("button", name="Yes").click()
    expect(page.get_by_text("Processed").first).to_be_visible(timeout=60_000)
    page.goto("/admin/token_payments/tokenorder/")
    page.get_by_role("link", name="TO-000001").click()
    take(page, "order")
    page.get_by_role("link", name="Tokens", exact=True).click()
    take(page, "tokens")
    page = open_page(browser, demo, "operator")
    page.goto("/admin/token_payments/catalogueitem/")
    page.get_by_role("link", name="Manual Handling").first.click()
    take(page, "item")


def show_checkout(browser: Browser, demo: Demo, code: str) -> None:
    page = open_page(browser, demo, "learner1")
    page.goto(f"/courses/{COURSE}/about")
    take(page, "course")
    pay(page, code)


def show_accounts(browser: Browser, demo: Demo) -> None:
    """What an operator sees of the wallets."""
    page = open_page(browser, demo, "operator")
    page.goto(f"{ADMIN}account/")
    page.get_by_role("link", name=ACCOUNT).click()
    take(page, "account")
    page.get_by_role("link", name="Statement").nth(1).click()  # of Gold
    take(page, "statement")
    page.goto(f"{ADMIN}tokenissue/")
    take(page, "issues")


def show_wallet_order(browser: Browser, demo: Demo) -> None:
    page = open_page(browser, demo, "course_admin")
    page.goto(f"{ADMIN}tokenorder/?kind=wallet&status=requested")
    page.get_by_role("link", name="TO-").first.click()
    page.get_by_text("Change", exact=True).first.click()
    page.get_by_role("link", name="Finish processing").click()
    page.get_by_role("button", name="Yes").click()
    expect(page.get_by_text("tokens were issued")).to_be_visible()
    take(page, "wallet-order")


def show_wallet_payment(browser: Browser, demo: Demo) -> None:
    """Two members pay: one at a desk, who chooses between accounts and types, one on a phone."""
    page = open_page(browser, demo, "learner1")
    page.goto("/token-payments/tokens/")
    take(page, "my-tokens")
    page = open_page(browser, demo, "learner2")
    pay_with_tokens(page, "")
    page.get_by_role("link", name="Go to the course").scroll_into_view_if_needed()
    take(page, "wallet-receipt")
    page = open_page(browser, demo, "learner1", phone=True)
    pay_with_tokens(page, "phone-")
    page.goto("/token-payments/tokens/")
    take(page, "phone-my-tokens")


def show_manager(browser: Browser, demo: Demo) -> None:
    """A manager pays for several people; one address is misspelt."""
    page = open_page(browser, demo, "manager")
    page.goto("/token-payments/tokens/")
    page.get_by_role("link", name="Pay for members").click()
    page.get_by_label("Course").select_option(label=MANY_COURSE)
    people = "learner1@example.com, buyer@example.com, lerner2@example.com, manager@example.com"
    page.get_by_label("Paste e-mail addresses").fill(people)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="Review before you pay")).to_be_visible()
    take(page, "pay-for-members")


def pay_with_tokens(page: Page, prefix: str) -> None:
    page.goto(f"/token-payments/checkout/{TOKEN_COURSE}/")
    page.get_by_label("Training tokens").check()
    page.locator(".tp-choice__label").first.click()
    take(page, f"{prefix}wallet-checkout")
    page.get_by_role("button", name="Next").click()
    page.wait_for_url("**/review/")
    take(page, f"{prefix}wallet-review")
    page.get_by_role("button", name="Finish").click()
    page.wait_for_url("**/receipt/**")


def pay(page: Page, code: str) -> None:
    page.goto(f"/token-payments/checkout/{COURSE}/")
    page.get_by_label("Token Code").last.fill(code)
    take(page, "checkout")
    page.get_by_role("button", name="Next").click()
    page.wait_for_url("**/review/")
    take(page, "review")
    page.get_by_role("button", name="Finish").click()
    page.wait_for_url("**/receipt/**")
    take(page, "receipt")


def open_page(browser: Browser, demo: Demo, username: str, *, phone: bool = False) -> Page:
    viewport = chromium.PHONE if phone else chromium.DESKTOP
    page = chromium.open_context(browser, demo.url, viewport).new_page()
    page.set_default_timeout(30_000)
    chromium.sign_in(page, username)
    return page


def take(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=IMAGES / f"{name}.png")
    print(f"  docs/images/{name}.png", flush=True)


if __name__ == "__main__":
    sys.exit(main())
