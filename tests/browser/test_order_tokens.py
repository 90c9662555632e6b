"""A buyer's tokens: shown, copied, searched, printed and logged; the same without scripts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from scripts.demo import REPOSITORY, Demo
from tests.browser import steps
from tests.browser.conftest import Visit
from tests.browser.inspection import Inspection
from tests.browser.stock import PAID

CODE = re.compile(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){2}-[0-9A-Z]{5}")
QUANTITY = 60
CARDS_ON_A_PAGE = 8
MAKE_ORDER = f"import sys; sys.path.insert(0, {str(REPOSITORY)!r})\n" + (
    "from tests.browser.test_order_tokens import make_order; make_order()"
)


def make_order() -> None:
    """In the demo's own Django: an order of the buyer, its first token given to somebody."""
    from django.utils import timezone

    from tests import factories
    from token_payments.assignments import operations as assignment_operations
    from token_payments.models import CatalogueItem

    buyer = factories.find_user("buyer")
    item = CatalogueItem.objects.get(item_key=PAID)
    order = factories.make_processed_order(item, buyer=buyer, quantity=QUANTITY)
    assignment_operations.assign_codes(
        order.pk,
        [assignment_operations.Recipient("ivy.chen@harbour-logistics.example", "Ivy Chen")],
        actor=buyer,
        idempotency_key=f"browser-{order.pk}",
        now=timezone.now(),
    )
    print(json.dumps({"order": order.pk, "codes": factories.list_codes(order)}))


class Order:
    def __init__(self, made: dict) -> None:
        self.pk: int = made["order"]
        self.codes: list[str] = made["codes"]

    def path(self, rest: str = "") -> str:
        return f"/token-payments/tokens/orders/{self.pk}/{rest}"


@pytest.fixture
def order(demo: Demo) -> Order:
    printed = demo.manage("shell", "--no-imports", "-c", MAKE_ORDER)
    return Order(json.loads(printed.splitlines()[-1]))


def find_code(page: Page, serial: int):
    return page.locator(f"#token-{serial} code")


def press(page: Page, serial: int, name: str) -> None:
    row = page.locator(f"#token-{serial}")
    row.get_by_role("button", name=f"{name} token no. {serial}").click()


def read_clipboard(page: Page) -> str:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return page.evaluate("navigator.clipboard.readText()")


def test_a_buyer_shows_copies_and_finds_tokens_and_the_log_says_so(
    visit: Visit, order: Order, look: Inspection, size: ViewportSize
) -> None:
    page = visit("buyer", size=size)
    page.goto(order.path("tokens/"))
    expect(page.locator("main")).not_to_contain_text(CODE)
    look(page, "masked")

    press(page, 3, "Show")
    expect(find_code(page, 3)).to_have_text(order.codes[2])
    expect(find_code(page, 3)).to_be_focused()
    expect(find_code(page, 4)).not_to_have_text(CODE)
    expect(page.get_by_role("status").filter(has_text="1 code is shown.")).to_be_visible()

    press(page, 4, "Copy")
    expect(page.get_by_role("status").filter(has_text="Copied 1 code.")).to_be_visible()
    assert read_clipboard(page) == order.codes[3]
    look(page, "shown-and-copied")

    steps.button(page, "Copy all").click()
    said = page.get_by_role("status").filter(has_text=f"Copied {QUANTITY - 1} codes.")
    expect(said).to_be_visible()
    assert read_clipboard(page).split() == order.codes[1:]

    steps.button(page, "Show the codes of this page").click()
    expect(find_code(page, 50)).to_have_text(order.codes[49])
    look(page, "all-shown")

    page.get_by_label("Search").fill(order.codes[54].lower())
    steps.button(page, "Search").click()
    expect(find_code(page, 55)).to_be_visible()
    assert page.url.endswith("?q=%2355")
    look(page, "found")

    page.goto(order.path("log/"))
    rows = page.locator("tbody tr")
    expect(rows.first).to_contain_text("Tokens shown")
    expect(rows.nth(1)).to_contain_text(f"{QUANTITY - 1}")
    expect(rows.nth(2)).to_contain_text("Tokens copied")
    look(page, "log")


def test_where_nothing_may_be_copied_the_codes_stand_ready_to_be(
    visit: Visit, order: Order, look: Inspection
) -> None:
    page = visit("buyer")
    page.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', {value: undefined});"
        "document.execCommand = () => false;"
    )
    page.goto(order.path("tokens/"))
    steps.button(page, "Copy all").click()
    field = page.get_by_label("Your browser doesn't let this page copy")
    expect(field).to_be_focused()
    assert field.input_value().split() == order.codes[1:]
    look(page, "by-hand")


def test_who_was_signed_out_meanwhile_is_asked_to_sign_in(visit: Visit, order: Order) -> None:
    page = visit("buyer")
    page.goto(order.path("tokens/"))
    page.context.clear_cookies(name="sessionid")
    press(page, 3, "Show")
    page.wait_for_url("**/login**")


def test_a_sheet_of_cards_is_made_and_no_card_is_parted(
    visit: Visit, order: Order, look: Inspection, size: ViewportSize, tmp_path: Path
) -> None:
    page = visit("buyer", size=size)
    page.goto(order.path("tokens/"))
    steps.link(page, "Print cards").click()
    look(page, "which-cards")
    page.get_by_label("From no.").fill("9")
    page.get_by_label("To no.").fill("3")
    steps.button(page, "Make the cards").click()
    expect(page.get_by_role("alert")).to_contain_text("To no.")
    look(page, "wrong-numbers")
    page.get_by_label("From no.").fill("2")
    page.get_by_label("To no.").fill(str(1 + 2 * CARDS_ON_A_PAGE))
    steps.button(page, "Make the cards").click()
    cards = page.get_by_role("article")
    expect(cards).to_have_count(2 * CARDS_ON_A_PAGE)
    expect(cards.first).to_contain_text(order.codes[1])
    expect(steps.button(page, "Print")).to_be_visible()
    look(page, "cards")
    for paper in ("A4", "Letter"):
        pdf = page.pdf(path=tmp_path / f"{paper}.pdf", format=paper)
        assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) == 2, paper


def test_all_of_it_works_without_scripts(visit: Visit, order: Order, look: Inspection) -> None:
    page = visit("buyer", scripts=False)
    page.goto(order.path("tokens/"))
    press(page, 3, "Show")
    expect(find_code(page, 3)).to_have_text(order.codes[2])
    expect(find_code(page, 4)).not_to_have_text(CODE)
    steps.link(page, "Hide").click()
    expect(find_code(page, 3)).not_to_have_text(CODE)
    steps.button(page, "Show the codes of this page").click()
    expect(find_code(page, 50)).to_have_text(order.codes[49])
    look.take_picture(page, "shown")
    steps.button(page, "Copy all").click()
    field = page.get_by_label("Token codes, one a line")
    assert field.input_value().split() == order.codes[1:]
    look.take_picture(page, "to-copy")
    steps.link(page, "Back to the tokens").click()
    steps.link(page, "Next").click()
    expect(find_code(page, 51)).to_be_visible()
    with page.expect_download() as download:
        steps.button(page, "Download CSV").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert f"#code={order.codes[59]}" in text
    steps.link(page, "Print cards").click()
    steps.button(page, "Make the cards").click()
    expect(page.get_by_role("article")).to_have_count(QUANTITY - 1)


def test_the_list_is_mailed_to_whoever_asks(visit: Visit, order: Order, demo: Demo) -> None:
    page = visit("buyer")
    page.goto(order.path("tokens/"))
    steps.button(page, "E-mail me the list").click()
    expect(page.get_by_role("status").filter(has_text="buyer@example.com")).to_be_visible()
    page.reload()
    expect(page.get_by_role("status").filter(has_text="buyer@example.com")).to_have_count(0)
    for _ in range(100):
        mails = [file.read_text(encoding="utf-8") for file in demo.mails.iterdir()]
        if any(order.codes[1] in mail and "buyer@example.com" in mail for mail in mails):
            return
        page.wait_for_timeout(200)
    raise AssertionError("no mail has the codes")
