"""A learner at the tokens that were given to her, in Chromium: looks, copies and uses one."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import ViewportSize, expect

from scripts.demo import REPOSITORY, Demo
from tests.browser import steps
from tests.browser.conftest import Visit
from tests.browser.inspection import Inspection

MINE = "/token-payments/tokens/mine/"
SET_UP = f"import sys; sys.path.insert(0, {str(REPOSITORY)!r})\n" + (
    "from tests.browser.test_own_codes import set_up; set_up()"
)


@pytest.fixture(scope="module")
def codes(demo: Demo) -> dict[str, str]:
    """By learner the code that was given."""
    return json.loads(demo.manage("shell", "--no-imports", "-c", SET_UP).splitlines()[-1])


def set_up() -> None:
    """Three learners with a code each for a course of their own, to be used within days."""
    from datetime import timedelta

    from django.utils import timezone

    from tests import factories
    from token_payments.assignments import operations as assignment_operations

    now, key = timezone.now(), "course-v1:Demo+OWN1+2026"
    factories.make_course(key, modes={"verified": 120}, display_name="Ladder Safety")
    buyer = factories.make_user("ladderbuyer", name="Lena Ladder", password="demo")
    order = factories.make_processed_order(
        factories.make_item(key), buyer=buyer, redeem_by=now + timedelta(days=5, hours=3)
    )
    names = ["climber1", "climber2", "climber3"]
    for name in names:
        factories.make_user(name, password="demo")
    people = [assignment_operations.Recipient(f"{name}@example.com") for name in names]
    assignment_operations.assign_codes(
        order.pk, people, actor=buyer, idempotency_key="climbers", now=now
    )
    print(json.dumps(dict(zip(names, factories.list_codes(order), strict=True))))


def test_a_learner_looks_at_the_code_uses_it_and_sees_it_used(
    visit: Visit, look: Inspection, codes: dict[str, str], size: ViewportSize
) -> None:
    name = "climber1" if size["width"] > 1000 else "climber2"
    page = visit(name, size=size)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(MINE)
    expect(page.get_by_text("5 days left")).to_be_visible()
    expect(page.get_by_role("main")).not_to_contain_text(codes[name])
    look(page, "given")
    steps.button(page, "Show code").click()
    expect(page.locator("code")).to_have_text(codes[name])
    expect(page.locator("code")).to_be_focused()
    look(page, "shown")
    steps.button(page, "Copy").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == codes[name]
    steps.button(page, "Use it").dblclick(no_wait_after=True)
    expect(page.get_by_text(f"Token Code ending in {codes[name][-4:]}")).to_be_visible()
    assert codes[name] not in page.url
    steps.button(page, "Finish").click()
    expect(steps.heading(page, "You are enrolled")).to_be_visible()
    page.goto(MINE)
    expect(page.get_by_text("You used it on")).to_be_visible()
    look(page, "used")


def test_without_scripts_a_code_is_shown_and_used(
    visit: Visit, look: Inspection, codes: dict[str, str]
) -> None:
    page = visit("climber3", scripts=False)
    page.goto(MINE)
    steps.button(page, "Show code").click()
    expect(page.locator("code")).to_have_text(codes["climber3"])
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    steps.button(page, "Use it").click()
    expect(page.get_by_text("Token Code ending in")).to_be_visible()
    stranger = visit("stranger")
    stranger.goto(MINE)
    expect(stranger.get_by_text("Nobody has given you a token yet.")).to_be_visible()
    look(stranger, "nothing-given")
