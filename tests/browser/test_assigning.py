"""A buyer gives tokens to learners in Chromium: desktop, phone, keyboard, no scripts."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from scripts.demo import REPOSITORY, Demo
from tests.browser import steps
from tests.browser.conftest import Visit
from tests.browser.inspection import Inspection

QUANTITY = 12
SET_UP = f"import sys; sys.path.insert(0, {str(REPOSITORY)!r})\n" + (
    "from tests.browser.test_assigning import set_up; set_up()"
)


@pytest.fixture(scope="module")
def orders(demo: Demo) -> list[int]:
    """For each test an order of its own."""
    return json.loads(demo.manage("shell", "--no-imports", "-c", SET_UP).splitlines()[-1])


def set_up() -> None:
    """Five processed orders of the buyer of the demo; one of them has learners whose mails aged."""
    from datetime import timedelta

    from django.utils import timezone

    from tests import factories
    from tests.browser.stock import PAID
    from token_payments.assignments import operations as assignment_operations
    from token_payments.models import CatalogueItem

    item, buyer = CatalogueItem.objects.get(item_key=PAID), factories.find_user("buyer")
    made = [factories.make_processed_order(item, buyer=buyer, quantity=QUANTITY) for _ in range(5)]
    last, earlier = made[-1], timezone.now() - timedelta(days=2)
    people = [
        assignment_operations.Recipient(f"old{number}@example.com", f"Old {number}")
        for number in range(4)
    ]
    batch = assignment_operations.assign_codes(
        last.pk, people, actor=buyer, idempotency_key="browser-old", now=earlier
    )
    for place, assignment in enumerate(batch.assignments.all()):
        assignment_operations.claim_mail(assignment.pk, now=earlier)
        if place == 0:
            assignment_operations.fail_mail(assignment.pk, error="The mailbox doesn't exist.")
        elif place != 1:
            assignment_operations.confirm_mail(assignment.pk, now=earlier)
    print(json.dumps([order.pk for order in made]))


def make_file(name: str, prefix: str) -> dict:
    """Five good rows and two bad ones, as a spreadsheet in another country saves them."""
    rows = [f"Person {n};{prefix}{n}@Example.com" for n in range(5)]
    rows += ["", "No One;nobody@", f"Person again;{prefix}1@example.com"]
    content = "\ufeffName;E-mail\r\n" + "\r\n".join(rows)
    return {"name": name, "mimeType": "text/csv", "buffer": content.encode()}


def read_recipients(demo: Demo, prefix: str) -> list[str]:
    """Whom mails went to; two of the same second may share a file."""
    mails = "".join(path.read_text(errors="replace") for path in demo.mails.iterdir())
    return re.findall(rf"^To: .*?({prefix}\d@example\.com)", mails, flags=re.MULTILINE)


def open_learners(page: Page, order: int) -> None:
    page.goto(f"/token-payments/tokens/orders/{order}/")
    steps.open_tab(page, "Learners")


def of(page: Page, role: str, name: str, address: str) -> Locator:
    """A learner's own link or button; its address is there for those who don't see the row."""
    return page.get_by_role(role, name=re.compile(f"^{name}.*{re.escape(address)}$"))


def expect_given(page: Page, number: int) -> None:
    expect(steps.heading(page, f"{number} tokens given")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("All mails have been sent.")


def test_five_of_a_file_with_two_bad_rows_are_mailed(
    visit: Visit, look: Inspection, orders: list[int], demo: Demo, size: ViewportSize
) -> None:
    is_desktop = size["width"] > 1000
    order, prefix = orders[0 if is_desktop else 1], "desk" if is_desktop else "phone"
    page = visit("buyer", size=size)
    open_learners(page, order)
    look(page, "nobody-yet")
    steps.link(page, "Give tokens").click()
    look(page, "form")
    page.get_by_label("File").set_input_files(make_file("team.csv", prefix))
    steps.button(page, "Check the list").click()
    expect(page.locator(".tp-sums")).to_contain_text(re.compile(r"5\s+get a token"))
    expect(page.locator(".tp-sums")).to_contain_text(re.compile(r"2\s+rows are left out"))
    look(page, "preview")
    steps.button(page, "Give and e-mail 5 tokens").dblclick(no_wait_after=True)
    expect_given(page, 5)
    look(page, "sent")
    assert sorted(read_recipients(demo, prefix)) == [f"{prefix}{n}@example.com" for n in range(5)]
    steps.link(page, "All learners of this order").click()
    expect(page.locator(".tp-learner")).to_have_count(5)
    expect(page.get_by_text("7 tokens can be given.")).to_be_visible()
    page.get_by_label("Name or e-mail address").fill(f"{prefix}3@")
    steps.button(page, "Search").click()
    expect(page.locator(".tp-learner")).to_have_count(1)
    assert prefix not in page.url
    look(page, "search")


@pytest.mark.parametrize("scripts", [True, False])
def test_reassigned_and_taken_back(
    visit: Visit, look: Inspection, orders: list[int], scripts: bool
) -> None:
    order, prefix = (orders[2], "with") if scripts else (orders[3], "without")
    page = visit("buyer", scripts=scripts)
    show = look if scripts else look.take_picture  # axe is a script
    open_learners(page, order)
    steps.link(page, "Give tokens").click()
    steps.button(page, "Check the list").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter an address, paste a list")
    page.get_by_label("Names and e-mail addresses").fill(
        f"Ann Lee <{prefix}.ann@example.com>\n{prefix}.ben@example.com"
    )
    page.get_by_label("Whoever has the code").check()
    steps.button(page, "Check the list").click()
    expect(page.get_by_text("Whoever has a code can use it.")).to_be_visible()
    steps.button(page, "Change the list").click()
    expect(page.get_by_label("Names and e-mail addresses")).to_have_value(
        f"Ann Lee,{prefix}.ann@example.com\n{prefix}.ben@example.com\n"
    )
    expect(page.get_by_label("Whoever has the code")).to_be_checked()
    steps.button(page, "Check the list").click()
    steps.button(page, "Give and e-mail 2 tokens").click()
    if not scripts:
        expect(steps.heading(page, "2 tokens given")).to_be_visible()
        for _ in range(20):  # as somebody would: not so often that nothing else gets its turn
            if not page.get_by_text("The mails are being sent.").is_visible():
                break
            page.wait_for_timeout(1000)
            steps.link(page, "Reload").click()
    expect_given(page, 2)
    of(page, "link", "Reassign", f"{prefix}.ben@example.com").click()
    show(page, "reassign")
    page.get_by_role("textbox", name="E-mail address").fill(f"{prefix}.ann@example.com")
    steps.button(page, "Reassign and e-mail").click()
    expect(page.get_by_role("alert")).to_contain_text("has a token of this order already")
    show(page, "has-one")
    page.get_by_role("textbox", name="E-mail address").fill(f"{prefix}.carl@example.com")
    steps.button(page, "Reassign and e-mail").click()
    expect(steps.heading(page, "1 token given")).to_be_visible()
    steps.link(page, "All learners of this order").click()
    expect(page.locator(".tp-learner")).to_have_count(2)
    of(page, "link", "Take back", f"{prefix}.carl@example.com").click()
    expect(page.get_by_text("The learner is not told.")).to_be_visible()
    show(page, "take-back")
    steps.button(page, "Yes, take it back").click()
    expect(page.get_by_role("status")).to_contain_text("The token was taken back")
    expect(page.locator(".tp-learner")).to_have_count(1)
    page.get_by_label("Show").select_option("Taken back")
    steps.button(page, "Search").click()
    expect(page.locator(".tp-learner")).to_have_count(2)
    show(page, "ended")


def test_reminding_and_sending_again_with_the_keyboard(
    visit: Visit, look: Inspection, orders: list[int]
) -> None:
    page = visit("buyer")
    open_learners(page, orders[4])
    look(page, "failed-and-unknown")
    expect(page.get_by_text("The mailbox doesn't exist.")).to_be_visible()
    expect(page.get_by_text("Not known whether it was sent")).to_be_visible()
    page.get_by_role("link", name="Remind learners").focus()
    page.keyboard.press("Enter")
    expect(steps.heading(page, "Remind 2 learners?")).to_be_visible()
    look(page, "remind")
    steps.button(page, "Yes, remind 2 learners").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("2 learners are being reminded")
    of(page, "button", "Send again", "old0@example.com").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The mail is being sent again.")
    look(page, "sent-again")
    page.get_by_role("link", name="Remind learners").click()
    expect(page.get_by_role("status")).to_contain_text("Nobody needs reminding")
