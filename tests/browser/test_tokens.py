"""Members and managers at their pages in Chromium: desktop, phone, keyboard, no scripts."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from scripts.demo import REPOSITORY, Demo
from tests.browser import steps
from tests.browser.conftest import Visit
from tests.browser.inspection import Inspection

TOKENS = "/token-payments/tokens/"
PRICE = 7
SET_UP = f"import sys; sys.path.insert(0, {str(REPOSITORY)!r})\n" + (
    "from tests.browser.test_tokens import set_up; set_up()"
)


@pytest.fixture(scope="module")
def names(demo: Demo) -> list[list[str]]:
    """For each test a manager and two members of an account of their own."""
    return json.loads(demo.manage("shell", "--no-imports", "-c", SET_UP).splitlines()[-1])


def set_up() -> None:
    """Five accounts with 30 Nickel each, and a course that costs 7."""
    from datetime import timedelta

    from django.utils import timezone

    from tests import factories
    from token_payments.l10n.dates import end_of_day, last_day

    nickel = factories.make_type("Nickel")
    key = "course-v1:Demo+COPPER1+2026"
    factories.make_course(key, modes={"professional": 90}, display_name="Copper Soldering")
    factories.make_item(key, methods=["wallet"], token_prices={nickel: PRICE})
    made = []
    for number in range(5):
        people = [f"{part}{number}" for part in ("chief", "worker", "helper")]
        chief, *workers = [
            factories.make_user(name, name=name.title(), password="demo") for name in people
        ]
        account = factories.make_account(f"Copper & Co {number}", managers=[chief], members=workers)
        day = last_day(timezone.now()) + timedelta(days=9)
        factories.issue_tokens(account, nickel, 5, expires_at=end_of_day(day), actor=chief)
        factories.issue_tokens(account, nickel, 25, reason="Framework", actor=chief)
        made.append(people)
    print(json.dumps(made))


def test_a_manager_pays_for_two_and_a_member_sees_it(
    visit: Visit, look: Inspection, names: list[list[str]], size: ViewportSize
) -> None:
    chief, worker, helper = names[0 if size["width"] > 1000 else 1]
    page = visit(chief, size=size)
    open_tokens(page)
    expect(page.locator(".tp-wallet__balance")).to_contain_text("30")
    look(page, "my-tokens")
    choose(page, f"{helper.upper()}@example.com; nobody@example.com", tick=worker)
    expect(page.get_by_text("Nothing has been taken yet.")).to_be_visible()
    expect(page.get_by_text("Not a member of this account")).to_be_visible()
    look(page, "preview")
    steps.button(page, "Pay 14 Nickel and enrol 2 people").dblclick(no_wait_after=True)
    expect(steps.heading(page, "2 people are enrolled")).to_be_visible()
    look(page, "results")
    page.get_by_role("link", name="Statement").click()
    expect(page.locator(".tp-figure--main dd")).to_have_text("16")
    expect(page.locator(".tp-table tbody tr")).to_have_count(5)
    look(page, "statement")
    member = visit(worker, size=size)
    member.goto(page.url)
    expect(member.get_by_text("another member").first).to_be_visible()
    expect(member.get_by_role("main")).not_to_contain_text(helper.title())
    look(member, "statement-of-a-member")
    member.goto("/dashboard")
    expect(member.get_by_role("main")).to_contain_text("Copper Soldering")


@pytest.mark.parametrize("scripts", [True, False])
def test_members_are_added_given_roles_and_removed(
    visit: Visit, look: Inspection, names: list[list[str]], scripts: bool
) -> None:
    number = 4 if scripts else 2
    chief, worker, helper = names[number]
    page = visit(chief, scripts=scripts)
    open_tokens(page)
    steps.link(page, f"Members of Copper & Co {number}").click()
    page.get_by_label("E-mail address or user name").fill("no one")
    steps.button(page, "Add").click()
    expect(page.locator(".tp-error")).to_contain_text("Nobody could be added")
    look.take_picture(page, "unknown-person")
    page.get_by_label("E-mail address or user name").fill(names[3][1])
    steps.button(page, "Add").click()
    expect(page.get_by_role("status")).to_contain_text("is a member of the account now")
    row = page.locator(".tp-person", has_text=f"{helper}@example.com")
    row.get_by_role("button", name="Make manager").click()
    expect(page.get_by_role("status")).to_contain_text("The role was changed")
    expect(row.locator(".tp-pill")).to_have_text("Manager")
    row.get_by_role("button", name="Make member").click()
    expect(row.locator(".tp-pill")).to_have_text("Member")
    row = page.locator(".tp-person", has_text=f"{worker}@example.com")
    row.locator("summary").click()
    look.take_picture(page, "remove")
    row.get_by_role("button", name="Yes, remove").click()
    expect(page.get_by_role("status")).to_contain_text("The membership has ended")
    expect(page.locator(".tp-person")).to_have_count(3)


def test_paying_with_the_keyboard_alone(
    visit: Visit, look: Inspection, names: list[list[str]]
) -> None:
    chief, worker, _ = names[3]
    page = visit(chief)
    open_tokens(page)
    page.get_by_role("link", name="Pay for members").focus()
    page.keyboard.press("Enter")
    steps.button(page, "Next").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    look(page, "errors")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Course")).to_be_focused()
    page.keyboard.type("Copper S")
    page.get_by_label(f"{worker.title()} {worker}@example.com").focus()
    page.keyboard.press("Space")
    page.get_by_label("Paste e-mail addresses").focus()
    steps.button(page, "Next").focus()
    page.keyboard.press("Enter")
    expect(steps.heading(page, "Review before you pay")).to_be_visible()
    steps.button(page, "Pay 7 Nickel and enrol 1 person").focus()
    page.keyboard.press("Enter")
    expect(steps.heading(page, "1 person is enrolled")).to_be_visible()


def open_tokens(page: Page) -> None:
    page.goto("/dashboard")
    steps.open_tokens(page)
    expect(steps.heading(page, "Manage My Tokens")).to_be_visible()


def choose(page: Page, pasted: str, *, tick: str) -> None:
    page.get_by_role("link", name="Pay for members").click()
    page.get_by_label("Course").select_option(label="Copper Soldering (7 Nickel)")
    page.get_by_label(f"{tick}@example.com").check()
    page.get_by_label("Paste e-mail addresses").fill(pasted)
    steps.button(page, "Next").click()
