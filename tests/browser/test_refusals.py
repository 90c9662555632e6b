"""Refusals as people meet them: what is so, what to do next, and nothing lost."""

from __future__ import annotations

from playwright.sync_api import ViewportSize, expect

from tests.browser import steps
from tests.browser.conftest import Visit
from tests.browser.inspection import Inspection
from tests.browser.stock import BY_INVITATION, CLOSED, FREE, FULL, Stock

NEUTRAL = "This code can't be used for this course."
REFUSED = {
    FULL: "This course is full",
    CLOSED: "Enrolment is closed",
    BY_INVITATION: "By invitation only",
    FREE: "Not for sale here",
    "course-v1:Demo+NONE+2026": "We can't find this course",
}


def test_a_strangers_used_code_gets_the_neutral_text(
    visit: Visit, stock: Stock, look: Inspection, size: ViewportSize
) -> None:
    code = stock.take_used_code()
    page = visit(stock.take_learner(), size=size)
    page.goto(steps.checkout_path())
    steps.enter_code(page, code)
    expect(page.get_by_role("alert")).to_contain_text(NEUTRAL)
    expect(page.get_by_role("main")).not_to_contain_text("used already")
    expect(page.get_by_role("main")).not_to_contain_text("TO-")
    look(page, "used-code")


def test_the_buyer_is_told_that_the_code_is_used(visit: Visit, stock: Stock) -> None:
    code = stock.take_used_code()
    page = visit("buyer")
    page.goto(steps.checkout_path())
    steps.enter_code(page, code)
    expect(page.get_by_role("alert")).to_contain_text("has been used already")


def test_a_course_that_nobody_can_pay_for_says_why(
    visit: Visit, look: Inspection, size: ViewportSize
) -> None:
    page = visit("stranger", size=size)
    for course, title in REFUSED.items():
        page.goto(steps.checkout_path(course))
        expect(steps.heading(page, title)).to_be_visible()
        assert page.locator(".tp-card .tp-button").count() == 1
        look(page, title.lower().replace(" ", "-").replace("'", ""))


def test_the_course_page_of_a_full_course_offers_no_way_in(visit: Visit, stock: Stock) -> None:
    page = visit(stock.take_learner())
    page.goto(f"/courses/{FULL}/about")
    expect(page.get_by_text("The course is full.")).to_be_visible()
    expect(steps.link(page, "Enrol")).to_have_count(0)


def test_who_is_enrolled_already_is_led_to_the_course(
    visit: Visit, stock: Stock, look: Inspection
) -> None:
    page = visit(stock.take_learner())
    steps.open_review(page, stock.take_code())
    steps.finish(page)
    receipt = page.url
    page.goto(f"{steps.checkout_path()}?code={stock.take_code()}")
    expect(steps.heading(page, "You are already enrolled")).to_be_visible()
    look(page, "already-enrolled")
    steps.link(page, "See the receipt").click()
    expect(steps.heading(page, "You are enrolled")).to_be_visible()
    assert page.url == receipt


def test_after_too_many_refused_codes_a_good_one_waits(
    visit: Visit, stock: Stock, look: Inspection
) -> None:
    code = stock.take_used_code()
    page = visit(stock.take_learner())
    page.goto(steps.checkout_path())
    for _ in range(10):
        steps.enter_code(page, code)
        expect(page.get_by_role("alert")).to_contain_text(NEUTRAL)
    steps.enter_code(page, stock.take_code())
    expect(steps.heading(page, "Please wait a little")).to_be_visible()
    expect(page.get_by_text("Try again at")).to_contain_text("(Europe/London)")
    look(page, "too-many-attempts")
