"""A bulk job in the admin: from a file to the result, on a desktop and on a phone."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import ViewportSize, expect

from scripts.demo import REPOSITORY, Demo
from tests.browser import steps
from tests.browser.conftest import Visit
from tests.browser.inspection import Inspection

JOBS = "/admin/token_payments/bulkjob/"
SET_UP = f"import sys; sys.path.insert(0, {str(REPOSITORY)!r})\n" + (
    "from tests.browser.test_bulk_jobs import set_up; set_up()"
)


@pytest.fixture(scope="module")
def made(demo: Demo) -> dict[str, str]:
    """The number of an order with tokens to give away."""
    facts: dict[str, str] = json.loads(
        demo.manage("shell", "--no-imports", "-c", SET_UP).splitlines()[-1]
    )
    return facts


def set_up() -> None:
    """Two accounts, of three members each, with tokens for two of them; and an order."""
    from tests import factories

    brass = factories.make_type("Brass")
    key = "course-v1:Demo+BRASS1+2026"
    factories.make_course(key, modes={"professional": 90}, display_name="Polishing")
    item = factories.make_item(key, methods=["wallet", "token_code"], token_prices={brass: 7})
    for size in ("desktop", "phone"):
        people = [
            factories.make_user(f"brass{number}_{size}", name=f"Brass {number}")
            for number in range(3)
        ]
        account = factories.make_account(f"Brass {size}", members=people)
        factories.issue_tokens(account, brass, 14)
    buyer = factories.find_user("buyer")
    order = factories.make_processed_order(item, buyer=buyer, quantity=5)
    print(json.dumps({"order": order.number}))


def name_size(size: ViewportSize) -> str:
    return "desktop" if size["width"] > 1000 else "phone"


def test_members_are_paid_for_from_a_file(
    visit: Visit, look: Inspection, made: dict[str, str], size: ViewportSize
) -> None:
    name = name_size(size)
    page = visit("operator", size=size)
    page.goto(JOBS)
    look(page, "empty-list")
    page.locator(".object-tools").get_by_role("link", name="Pay for members").click()
    look(page, "form")
    steps.button(page, "Next").click()
    look(page, "mistakes")
    page.get_by_label("Account").fill(f"Brass {name}")
    page.get_by_label("Token type").select_option(label="Brass")
    page.get_by_label("Course").select_option(label="Polishing (course-v1:Demo+BRASS1+2026)")
    people = [f"brass{number}_{name}" for number in range(3)]
    content = "User name,Site\n" + "".join(f"{each},North\n" for each in [*people, "nobody"])
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": content.encode()}
    page.get_by_label("File").set_input_files(file)
    steps.button(page, "Next").click()
    expect(page.get_by_text("2 of 4 rows")).to_be_visible()
    page.locator("summary", has_text="2 rows that are done").click()
    look(page, "preview")
    steps.button(page, "Begin").dblclick(no_wait_after=True)
    expect(page.locator(".messagelist")).to_contain_text("The job has begun.")
    expect(page.locator(".tp-badge")).to_have_text("Done", timeout=20_000)
    look(page, "job")
    page.get_by_role("link", name="Failed: 2").click()
    expect(page.locator("table").last).to_contain_text("Not enough tokens are left")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").click()
    assert "insufficient_tokens" in download.value.path().read_text(encoding="utf-8-sig")
    page.goto(JOBS)
    expect(page.locator("#result_list")).to_contain_text("4 of 4 rows, 2 failed")
    look(page, "list")


def test_tokens_are_assigned_from_pasted_rows(
    visit: Visit, look: Inspection, made: dict[str, str], size: ViewportSize
) -> None:
    name = name_size(size)
    page = visit("operator", size=size)
    page.goto(JOBS)
    page.locator(".object-tools").get_by_role("link", name="Assign tokens").click()
    page.get_by_label("Token Order").fill(made["order"])
    rows = f"Ann Lee, ann.{name}@example.com\nBob, bob.{name}@\nCyd, cyd.{name}@example.com"
    page.get_by_label("Or pasted rows").fill(rows)
    look(page, "form")
    steps.button(page, "Next").click()
    look(page, "preview")
    steps.button(page, "Change").click()
    expect(page.get_by_label("Or pasted rows")).to_have_value(
        f"Ann Lee,ann.{name}@example.com\nBob,bob.{name}@\nCyd,cyd.{name}@example.com\n"
    )
    steps.button(page, "Next").click()
    steps.button(page, "Begin").click()
    expect(page.locator(".tp-badge")).to_have_text("Done", timeout=20_000)
    look(page, "job")
