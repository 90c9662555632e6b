"""Tokens go to another account, by a manager and by staff, and an issue is kept for last."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import ViewportSize, expect

from scripts.demo import REPOSITORY, Demo
from tests.browser import steps
from tests.browser.conftest import Visit
from tests.browser.inspection import Inspection

TOKENS = "/token-payments/tokens/"
SET_UP = f"import sys; sys.path.insert(0, {str(REPOSITORY)!r})\n" + (
    "from tests.browser.test_transferring import set_up; set_up()"
)


@pytest.fixture(scope="module")
def made(demo: Demo) -> dict[str, list[int]]:
    """By the size of the window: two accounts of one manager, and an issue of the first."""
    facts: dict[str, list[int]] = json.loads(
        demo.manage("shell", "--no-imports", "-c", SET_UP).splitlines()[-1]
    )
    return facts


def set_up() -> None:
    """Two pairs of accounts with 5 Zinc that expire soon and 25 that don't, and a lost payment."""
    from datetime import timedelta

    from django.utils import timezone

    from common.djangoapps.student.models import CourseEnrollment
    from tests import factories
    from token_payments.checkout import operations as checkout_operations
    from token_payments.l10n.dates import end_of_day, last_day
    from token_payments.models import TokenSettings

    TokenSettings.objects.create(transfers_allowed=True)
    zinc = factories.make_type("Zinc")
    key = "course-v1:Demo+ZINC1+2026"
    factories.make_course(key, modes={"professional": 90}, display_name="Galvanising")
    item = factories.make_item(key, methods=["wallet"], token_prices={zinc: 7})
    made = {}
    for size in ("desktop", "phone"):
        chief = factories.make_user(f"zinc_{size}", name="Zoe Zinc", password="demo")
        worker = factories.make_user(f"worker_{size}", name="Will Worker", password="demo")
        accounts = [
            factories.make_account(f"Zinc {place} {size}", managers=[chief], members=[worker])
            for place in ("North", "South")
        ]
        day = last_day(timezone.now()) + timedelta(days=9)
        soon = {"expires_at": end_of_day(day), "actor": chief}
        factories.issue_tokens(accounts[0], zinc, 5, **soon)
        issue = factories.issue_tokens(accounts[0], zinc, 25, actor=chief)
        lost = factories.pay(worker, item, factories.find_wallet(accounts[0], zinc))
        CourseEnrollment.objects.filter(user=worker).delete()
        made[size] = [*(account.pk for account in accounts), issue.pk, lost.pk]
    checkout_operations.sweep_departures(now=timezone.now())
    print(json.dumps(made))


def name_size(size: ViewportSize) -> str:
    return "desktop" if size["width"] > 1000 else "phone"


def test_a_manager_moves_tokens_to_another_account(
    visit: Visit, look: Inspection, made: dict[str, list[int]], size: ViewportSize
) -> None:
    name = name_size(size)
    page = visit(f"zinc_{name}", size=size)
    page.goto(TOKENS)
    look(page, "my-tokens")
    page.get_by_role("link", name=f"Transfer Zinc of Zinc North {name}").click()
    expect(steps.heading(page, "Transfer Zinc")).to_be_visible()
    look(page, "form")
    steps.button(page, "Next").click()
    expect(page.get_by_role("alert")).to_be_focused()
    look(page, "errors")
    page.get_by_label("To", exact=True).select_option(label=f"Zinc South {name}")
    page.get_by_label("Number of tokens").fill("9")
    page.get_by_label("Reason").fill("The workshop moved")
    steps.button(page, "Next").click()
    expect(steps.heading(page, "Review before you transfer")).to_be_visible()
    look(page, "preview")
    steps.button(page, "Change").click()
    expect(page.get_by_label("Reason")).to_have_value("The workshop moved")
    steps.button(page, "Next").click()
    steps.button(page, "Transfer 9 Zinc").dblclick(no_wait_after=True)
    expect(page.get_by_role("status")).to_contain_text(f"9 Zinc went to Zinc South {name}.")
    look(page, "done")
    page.get_by_role("link", name=f"Statement of Zinc South {name}").click()
    expect(page.locator(".tp-figure--main dd")).to_have_text("9")
    row = page.locator(".tp-table tbody tr").first
    expect(row).to_contain_text(f"Transferred from Zinc North {name}")
    look(page, "statement")


def test_staff_move_tokens_and_keep_an_issue_for_last(
    visit: Visit, look: Inspection, made: dict[str, list[int]], size: ViewportSize
) -> None:
    name = name_size(size)
    _north, south, issue, _lost = made[name]
    page = visit("operator", size=size)
    page.goto(f"/admin/token_payments/tokenissue/{issue}/change/")
    look(page, "issue")
    page.get_by_role("link", name="Use last", exact=True).click()
    look(page, "use-last")
    page.get_by_label("Reason").fill("Kept for the spring")
    steps.button(page, "Use last").click()
    expect(page.locator(".messagelist")).to_contain_text("is used last")
    expect(page.get_by_text("Marked “use last”")).to_be_visible()
    look(page, "issue-used-last")
    page.get_by_role("link", name="Transfer", exact=True).click()
    page.get_by_label("To account").fill(f"Zinc South {name}")
    page.get_by_label("Number of tokens").fill("3")
    page.get_by_label("Reason").fill("Asked for by phone")
    look(page, "transfer")
    steps.button(page, "Next").click()
    expect(page.get_by_text(f"Transfer 3 Zinc from Zinc North {name}")).to_be_visible()
    look(page, "transfer-preview")
    steps.button(page, "Transfer").dblclick(no_wait_after=True)
    expect(page.locator(".messagelist")).to_contain_text("3 Zinc went from")
    look(page, "admin-statement")
    page.goto(f"/admin/token_payments/account/{south}/change/")
    look(page, "account")


def test_staff_enrol_a_learner_again(
    visit: Visit, look: Inspection, made: dict[str, list[int]], size: ViewportSize
) -> None:
    lost = made[name_size(size)][3]
    page = visit("operator", size=size)
    page.goto("/admin/token_payments/redemption/?enrolment=missing")
    look(page, "list")
    page.goto(f"/admin/token_payments/redemption/{lost}/change/")
    expect(page.get_by_text("the LMS has no enrolment for it")).to_be_visible()
    look(page, "payment")
    page.get_by_role("link", name="Enrol again").click()
    look(page, "enrol-again")
    page.get_by_label("Reason").fill("Lost in the move")
    steps.button(page, "Enrol again").click()
    expect(page.locator(".messagelist")).to_contain_text("The learner is enrolled again.")
    expect(page.get_by_text("Lost in the move")).to_be_visible()
    look(page, "payment-repaired")
