"""Links that carry a code, as buyers hand them out: in the fragment, or in the query."""

from __future__ import annotations

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser import steps
from tests.browser.conftest import Visit
from tests.browser.inspection import Inspection
from tests.browser.stock import FULL, Stock


def test_a_strangers_link_fills_the_code_in_and_leads_through_sign_in(
    visit: Visit, stock: Stock, look: Inspection, size: ViewportSize
) -> None:
    code, learner = stock.take_code(), stock.take_learner()
    page = visit(size=size)
    page.goto(f"{steps.checkout_path()}#code={code}")
    expect(steps.code_field(page)).to_have_value(code)
    assert "code=" not in page.url
    look(page, "filled-in")
    steps.button(page, "Next").click()
    expect(page.get_by_label("Password")).to_be_visible()
    assert code not in page.url
    steps.sign_in_here(page, learner)
    expect(steps.heading(page, "Review your enrolment")).to_be_visible()
    expect(page.get_by_text(f"Token Code ending in {code[-4:]}")).to_be_visible()
    steps.finish(page)
    assert code not in page.content()


def test_a_code_in_the_query_leads_to_the_review(visit: Visit, stock: Stock) -> None:
    code = stock.take_code()
    page = visit(stock.take_learner())
    page.goto(f"{steps.checkout_path()}?code={code.replace('-', '%20').lower()}")
    expect(steps.heading(page, "Review your enrolment")).to_be_visible()
    assert "code=" not in page.url
    steps.finish(page)


def test_a_strangers_code_in_the_query_is_kept_until_after_sign_in(
    visit: Visit, stock: Stock
) -> None:
    code = stock.take_code()
    page = visit()
    page.goto(f"{steps.checkout_path()}?code={code}")
    steps.sign_in_here(page, stock.take_learner())
    expect(page.get_by_text(f"Token Code ending in {code[-4:]}")).to_be_visible()


@pytest.mark.parametrize("form", ["#code={}", "?code={}"])
def test_a_mistyped_link_asks_for_the_code(
    visit: Visit, stock: Stock, look: Inspection, form: str
) -> None:
    page = visit(stock.take_learner())
    page.goto(steps.checkout_path() + form.format("7KQ2-M4ZD"))
    if form.startswith("#"):
        expect(steps.code_field(page)).to_have_value("7KQ2-M4ZD")
        steps.button(page, "Next").click()
    expect(page.get_by_role("alert")).to_contain_text("typing error")
    assert "7KQ2" not in page.url
    look(page, "mistyped-link")


def test_a_link_to_a_full_course_says_so_and_spends_nothing(
    visit: Visit, stock: Stock, look: Inspection, size: ViewportSize
) -> None:
    page = visit(stock.take_learner(), size=size)
    page.goto(f"{steps.checkout_path(FULL)}?code={stock.take_code(FULL)}")
    expect(steps.heading(page, "This course is full")).to_be_visible()
    expect(page.get_by_text("You keep your code or tokens.")).to_be_visible()
    look(page, "full")
