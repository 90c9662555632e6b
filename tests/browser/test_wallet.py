"""Paying from a wallet, as members meet it: on a desktop, on a phone, without scripts, by keys."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from scripts.demo import Demo
from tests.browser import steps
from tests.browser.conftest import Visit
from tests.browser.inspection import Inspection
from tests.browser.steps import tab, tab_to
from tests.browser.wallet_stock import BOTH, MANAGER, TITLE, TOKENS, Members, make_members

HARBOUR, RAIL = "Harbour Pilots Ltd", "Northern Rail Training Consortium"
QUESTION = "How would you like to pay?"


@pytest.fixture(scope="module")
def members(demo: Demo) -> Members:
    return make_members(demo)


def card(page: Page, account: str) -> Locator:
    """The card of an account that can pay."""
    return page.locator(".tp-choice", has_text=account)


def choose(page: Page, account: str, course: str = TOKENS) -> None:
    """Open the payment page, choose the account's card, and arrive at the review."""
    page.goto(steps.checkout_path(course))
    card(page, account).click()
    steps.button(page, "Next").click()
    expect(steps.heading(page, "Review your enrolment")).to_be_visible()


def test_a_member_of_two_accounts_pays_from_one_of_them(
    visit: Visit, members: Members, look: Inspection, size: ViewportSize
) -> None:
    page = visit(members.take("two"), size=size)
    page.goto(f"/courses/{TOKENS}/about")
    steps.link(page, "Enrol").click()
    expect(steps.heading(page, QUESTION)).to_be_visible()
    expect(page.get_by_role("group", name="Which tokens?").get_by_role("radio")).to_have_count(2)
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    expect(page.locator(".tp-obstructed__item", has_text="Quayside Foods")).to_contain_text(
        "frozen"
    )
    expect(page.locator(".tp-obstructed__item", has_text=HARBOUR)).to_contain_text(
        "6 Copper short: 4 of 10."
    )
    look(page, "payment")
    steps.button(page, "Next").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose which account's tokens")
    look(page, "nothing-chosen")
    card(page, RAIL).click()
    expect(page.get_by_role("radio", name=RAIL)).to_be_checked()
    look(page, "chosen")
    steps.button(page, "Next").click()
    expect(steps.heading(page, "Review your enrolment")).to_be_visible()
    expect(page.get_by_role("table", name="Tokens that will be used")).to_contain_text("Never")
    look(page, "review")
    steps.finish(page)
    expect(page.get_by_role("table", name="Entries in the account")).to_contain_text("−7")
    look(page, "receipt")


def test_what_expires_first_is_shown_and_taken_first(
    visit: Visit, members: Members, look: Inspection
) -> None:
    page = visit(members.take("one"))
    page.goto(steps.checkout_path(TOKENS))
    expect(page.get_by_role("radio", name=HARBOUR)).to_be_checked()  # the only one
    rows = card(page, HARBOUR).locator("li").all_inner_texts()
    assert [row.split(" expire ")[0] for row in rows] == ["5", "2"]
    look(page, "preselected")
    steps.button(page, "Next").click()
    table = page.get_by_role("table", name="Tokens that will be used")
    assert table.locator("tbody .tp-draws__number").all_inner_texts() == ["5", "2"]
    expect(table.locator("tfoot")).to_contain_text("9,998")
    look(page, "review")
    steps.finish(page)
    table = page.get_by_role("table", name="Entries in the account")
    assert table.locator("tbody .tp-draws__number").all_inner_texts() == ["−5", "−2"]
    look(page, "receipt")
    manager = visit(MANAGER)
    manager.goto(page.url)
    expect(steps.heading(manager, "Receipt")).to_be_visible()
    expect(steps.link(manager, "Go to the course")).to_have_count(0)
    look(manager, "receipt-of-a-member")


def test_a_visitor_chooses_the_account_after_signing_in(
    visit: Visit, members: Members, look: Inspection, size: ViewportSize
) -> None:
    page = visit(size=size)
    page.goto(steps.checkout_path(TOKENS))
    expect(page.get_by_text("You choose the account after signing in.")).to_be_visible()
    look(page, "visitor")
    steps.button(page, "Next").click()
    steps.sign_in_here(page, members.take("two"))
    expect(page.get_by_role("radio", name=RAIL)).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    card(page, RAIL).click()
    steps.button(page, "Next").click()
    steps.finish(page)


def test_tokens_beside_codes(
    visit: Visit, members: Members, look: Inspection, size: ViewportSize
) -> None:
    page = visit(members.take("two"), size=size)
    page.goto(steps.checkout_path(BOTH))
    expect(steps.code_field(page)).to_be_visible()
    expect(card(page, RAIL)).to_be_hidden()
    look(page, "codes")
    page.get_by_role("radio", name="Training tokens").check()
    expect(steps.code_field(page)).to_be_hidden()
    card(page, RAIL).click()
    look(page, "tokens")
    steps.button(page, "Next").click()
    expect(page.get_by_text(f"7 Platinum of {RAIL}")).to_be_visible()
    steps.link(page, "Back").click()
    expect(page.get_by_role("radio", name=RAIL)).to_be_checked()
    look(page, "back")
    steps.link(page, "Continue to the review").click()
    steps.finish(page)


def test_the_last_tokens_go_to_whoever_finishes_first(
    visit: Visit, members: Members, look: Inspection
) -> None:
    first, second = (visit(members.take("last")) for _ in range(2))
    for page in (first, second):
        page.goto(steps.checkout_path(TOKENS))
        steps.button(page, "Next").click()
    steps.finish(first)
    steps.button(second, "Finish").click()
    expect(second.get_by_role("alert")).to_contain_text("the course costs 7, and 0 can be spent")
    expect(second.get_by_text("7 Platinum short: 0 of 7.")).to_be_visible()
    look(second, "gone")


@pytest.mark.parametrize(
    ("kind", "text"),
    [("poor", "3 Platinum short: 4 of 7."), ("none", "You aren't a member of an account")],
)
def test_who_cannot_pay_is_told_why_and_what_to_do(
    visit: Visit, members: Members, look: Inspection, size: ViewportSize, kind: str, text: str
) -> None:
    page = visit(members.take(kind), size=size)
    page.goto(steps.checkout_path(TOKENS))
    expect(steps.heading(page, "You can't pay for this course yet")).to_be_visible()
    expect(page.get_by_text(text)).to_be_visible()
    expect(steps.button(page, "Next")).to_have_count(0)
    look(page, kind)
    page.goto(steps.checkout_path(BOTH))
    expect(steps.code_field(page)).to_be_visible()
    page.get_by_role("radio", name="Training tokens").check()
    steps.button(page, "Next").click()
    expect(page.get_by_role("alert")).to_contain_text("You have no tokens that can pay")
    look(page, f"{kind}-beside-codes")


def test_a_member_pays_without_scripts(
    visit: Visit, members: Members, look: Inspection, size: ViewportSize
) -> None:
    page = visit(members.take("two"), size=size, scripts=False)
    page.goto(steps.checkout_path(BOTH))
    page.get_by_role("radio", name="Training tokens").check()
    steps.button(page, "Next").click()
    expect(page.locator("p.tp-error")).to_contain_text("Choose which account's tokens")
    look.take_picture(page, "nothing-chosen")
    page.get_by_role("radio", name=RAIL).check()
    steps.button(page, "Next").click()
    look.take_picture(page, "review")
    steps.finish(page)


def test_the_keyboard_alone_chooses_and_pays(
    visit: Visit, members: Members, look: Inspection
) -> None:
    page = visit(members.take("one"))
    page.goto(steps.checkout_path(TOKENS))
    passed = tab_to(page, "Next")
    assert [text.split("\n")[0] for text in passed] == [
        HARBOUR,
        "Back to the course page",
        "Next",
    ]
    page.keyboard.press("Enter")
    expect(steps.heading(page, "Review your enrolment")).to_be_visible()
    assert tab_to(page, "Finish") == ["Back", "Finish"]
    page.keyboard.press("Enter")
    expect(steps.heading(page, "You are enrolled")).to_be_visible()
    expect(page.get_by_text(TITLE).first).to_be_visible()


def test_the_arrows_move_between_the_accounts(
    visit: Visit, members: Members, look: Inspection
) -> None:
    page = visit(members.take("two"))
    page.goto(steps.checkout_path(TOKENS))
    steps.button(page, "Next").click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert tab(page) == "Choose which account's tokens to pay with."
    page.keyboard.press("Enter")
    assert tab(page).startswith(HARBOUR)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name=RAIL)).to_be_checked()
    look(page, "focused")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"7 Platinum of {RAIL}")).to_be_visible()


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_is_wider_than_a_narrow_phone(
    visit: Visit, members: Members, look: Inspection, width: int
) -> None:
    page = visit(members.take("two"))
    page.set_viewport_size({"width": width, "height": 640})
    page.goto(f"{steps.checkout_path(BOTH)}?method=wallet")
    expect(card(page, RAIL)).to_be_visible()
    look(page, "payment")
    card(page, RAIL).click()
    steps.button(page, "Next").click()
    expect(steps.heading(page, "Review your enrolment")).to_be_visible()
    look(page, "review")
