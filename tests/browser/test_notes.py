"""What a page tells of the step before: once, on every kind of page, and not when reloaded."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from scripts.demo import REPOSITORY, Demo
from tests.browser import steps
from tests.browser.conftest import Visit
from tests.browser.inspection import Inspection

TOKENS = "/token-payments/tokens/"
NO_CODE = "0000-0000-0000-00000"
SET_UP = f"import sys; sys.path.insert(0, {str(REPOSITORY)!r})\n" + (
    "from tests.browser.test_notes import set_up; set_up()"
)


@pytest.fixture(scope="module")
def made(demo: Demo) -> dict[str, dict[str, Any]]:
    """By the size of the window: a manager, and the addresses of what they manage."""
    facts = json.loads(demo.manage("shell", "--no-imports", "-c", SET_UP).splitlines()[-1])
    return dict(facts)


def set_up() -> None:
    """For each size two accounts of a manager, 30 Tin in the first, and a processed order."""
    from django.utils import timezone

    from tests import factories
    from token_payments.assignments import operations as assignment_operations
    from token_payments.models import CodeAssignment, TokenSettings

    TokenSettings.objects.create(transfers_allowed=True)
    tin = factories.make_type("Tin")
    factories.make_course("course-v1:Demo+TIN1+2026", display_name="Tin Smithing")
    item = factories.make_item("course-v1:Demo+TIN1+2026")
    made = {}
    for size in ("desktop", "phone"):
        chief = factories.make_user(f"tin_{size}", name="Tina Tin", password="demo")
        account = factories.make_account(f"Tin North {size}", managers=[chief])
        factories.make_account(f"Tin South {size}", managers=[chief])
        factories.issue_tokens(account, tin, 30, actor=chief)
        order = factories.make_processed_order(item, buyer=chief, quantity=5)
        assignment_operations.assign_codes(
            order.pk,
            [assignment_operations.Recipient(chief.email)],
            actor=chief,
            idempotency_key=f"notes-{size}",
            now=timezone.now(),
        )
        own = CodeAssignment.objects.get(batch__order=order)
        made[size] = {
            "name": chief.username,
            "wallet": f"{TOKENS}{account.pk}/{tin.pk}/",
            "members": f"{TOKENS}{account.pk}/members/",
            "order": f"{TOKENS}orders/{order.pk}/",
            "use": f"{TOKENS}mine/{own.pk}/use/",
        }
    print(json.dumps(made))


class Notes:
    def __init__(self, page: Page, look: Inspection) -> None:
        self.page, self.look = page, look

    def expect(self, text: str, picture: str, *, is_urgent: bool = False) -> None:
        """One note in the page says it; it has the focus if it is urgent; reloaded it is gone."""
        note = self.page.locator(".tp-note", has_text=text)
        expect(note).to_have_count(1)
        expect(note).to_be_visible()
        expect(note).to_have_role("alert" if is_urgent else "status")
        expect(self.page.get_by_text(text)).to_have_count(1)
        if is_urgent:
            expect(note).to_be_focused()
            assert self.page.title().startswith("Error: ")
        self.look(self.page, picture)
        self.page.reload()
        expect(self.page.locator("#main")).to_be_visible()
        expect(self.page.locator(".tp-note", has_text=text)).to_have_count(0)


def test_each_kind_of_page_tells_it_once(
    visit: Visit, look: Inspection, made: dict[str, dict[str, Any]], size: ViewportSize
) -> None:
    facts = made["desktop" if size["width"] > 1000 else "phone"]
    page = visit(facts["name"], size=size)
    notes = Notes(page, look)
    add_member(page, facts["members"], "learner2")
    notes.expect("The person is a member of the account now.", "member-added")
    row = page.locator(".tp-person", has_text=f"{facts['name']}@example.com")
    row.get_by_role("button", name="Make member").click()
    notes.expect("The account needs a manager: make somebody else", "last-manager")
    page.goto(f"{facts['wallet']}alert/")
    page.get_by_label("Tell when fewer than").fill("")
    steps.button(page, "Save").click()
    notes.expect("Saved. Nobody is told.", "alert-saved")
    page.goto(f"{facts['wallet']}transfer/")
    page.get_by_label("To", exact=True).select_option(index=1)
    page.get_by_label("Number of tokens").fill("9")
    page.get_by_label("Reason").fill("The workshop moved")
    steps.button(page, "Next").click()
    steps.button(page, "Transfer 9 Tin").click()
    notes.expect("9 Tin went to Tin South", "transferred")
    search(page, f"{TOKENS}orders/", "Search for a number", "Show")
    notes.expect("None of these orders has this token code.", "no-order")
    search(page, f"{facts['order']}tokens/", "Search", "Search")
    notes.expect("This order has no such token code.", "no-token", is_urgent=True)
    page.goto(f"{facts['order']}cancel/")
    page.get_by_label("Number of tokens").fill("1")
    steps.button(page, "Send request").click()
    notes.expect("Your request was sent. Nothing is cancelled until", "asked")
    page.goto(f"{facts['order']}helpers/")
    page.get_by_label("E-mail address or user name").fill("learner3")
    steps.button(page, "Add").click()
    notes.expect("This person helps with the order now", "helper-named")
    page.goto(f"{facts['order']}learners/")
    page.get_by_role("link", name="Remind learners").click()
    notes.expect("Nobody needs reminding", "nobody")


def test_what_is_over_is_an_alert_without_scripts_too(
    demo: Demo, visit: Visit, look: Inspection, made: dict[str, dict[str, Any]]
) -> None:
    facts = made["desktop"]
    page = visit(facts["name"], scripts=False)
    page.goto(f"{TOKENS}mine/")
    end = (
        "from token_payments.models import TokenOrder; from django.utils import timezone; "
        f"TokenOrder.objects.filter(pk={facts['order'].split('/')[-2]})"
        ".update(redeem_by=timezone.now())"
    )
    demo.manage("shell", "--no-imports", "-c", end)
    steps.button(page, "Use it").click()
    alert = page.get_by_role("alert")
    expect(alert).to_have_text("This token can't be used any more. Below is what became of it.")
    look.take_picture(page, "gone")
    page.reload()
    expect(alert).to_have_count(0)


def add_member(page: Page, address: str, who: str) -> None:
    page.goto(address)
    page.get_by_label("E-mail address or user name").fill(who)
    steps.button(page, "Add").click()


def search(page: Page, address: str, label: str, button: str) -> None:
    page.goto(address)
    page.get_by_role("search").get_by_label(label).first.fill(NO_CODE)
    page.get_by_role("search").get_by_role("button", name=button, exact=True).click()
