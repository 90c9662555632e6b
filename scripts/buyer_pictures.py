"""The pictures of the buyers' pages: one order from its request to the refund on its invoice."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from scripts.browser import DESKTOP
from scripts.demo import Demo

Visit = Callable[..., Page]
Take = Callable[[Page, str], None]

COURSE = "course-v1:Demo+FIRE150+2026"
ORDERS = "/token-payments/tokens/orders/"
ADMIN_ORDERS = "/admin/token_payments/tokenorder/"
LIST = """Name;E-mail
Amara Singh;learner1@example.com
Ben Lee;ben.lee@harbour-logistics.example
Cleo Day;CLEO.DAY@harbour-logistics.example
Noah Reed;noah.reed@
Dan Fox;dan.fox@harbour-logistics.example
Ben Lee;ben.lee@harbour-logistics.example
Eve Hill;eve.hill@harbour-logistics.example
"""
PROCESS = """
from django.utils import timezone
from token_payments.orders import operations as order_operations
from token_payments.models import TokenOrder
order = TokenOrder.objects.select_related("buyer").get(pk={order})
TokenOrder.objects.filter(pk=order.pk).update(invoice_number="INV-2026-0131")
order_operations.start_processing(order.pk, actor=order.buyer, now=timezone.now())
order_operations.generate(order.pk, clock=timezone.now)
"""


def show_buyer(visit: Visit, take: Take, demo: Demo) -> None:
    page = visit("buyer")
    page.goto("/token-payments/tokens/")
    take(page, "my-orders")
    order = request(page, take)
    demo.manage("shell", "--no-imports", "-c", PROCESS.format(order=order))
    page.goto(f"{ORDERS}{order}/")
    take(page, "order-overview")
    give(page, take, order)
    show_tokens(page, take, order)
    page.goto(f"{ORDERS}1/learners/")
    take(page, "learners")
    learner = visit("learner1")
    learner.goto("/token-payments/tokens/mine/")
    take(learner, "given-to-me")
    use(learner)
    cancel(page, visit("course_admin"), take, order)
    page.goto(f"{ORDERS}{order}/invoice/")
    page.get_by_role("article").scroll_into_view_if_needed()
    page.set_viewport_size({"width": 1280, "height": 1260})
    take(page, "invoice")
    page.set_viewport_size(DESKTOP)
    phone = visit("buyer", phone=True)
    phone.goto(f"{ORDERS}{order}/")
    take(phone, "phone-order")


def request(page: Page, take: Take) -> int:
    page.get_by_role("link", name="Request Token Order").click()
    page.get_by_label("Course", exact=True).select_option(
        label=f"Fire Warden Training – {COURSE}",
    )
    page.get_by_label("Number Of Tokens").fill("20")
    page.get_by_label("Purchase order number").fill("PO-90114")
    page.get_by_label("Note").fill("For the night shift; we start in March.")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="Review your request")).to_be_visible()
    take(page, "request-review")
    page.get_by_role("button", name="Save Enrolment Token Order").click()
    page.wait_for_url(re.compile(r"/orders/\d+/"))
    found = re.search(r"/orders/(\d+)/", page.url)
    assert found
    return int(found[1])


def give(page: Page, take: Take, order: int) -> None:
    page.goto(f"{ORDERS}{order}/learners/give/")
    page.get_by_label("File").set_input_files(
        {"name": "team.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
    )
    page.get_by_role("button", name="Check the list").click()
    expect(page.get_by_role("heading", name="Check the list")).to_be_visible()
    take(page, "give-tokens")
    page.get_by_role("button", name="Give and e-mail 5 tokens").click()
    expect(page.get_by_role("status")).to_contain_text("All mails have been sent.")
    take(page, "mails-to-learners")


def show_tokens(page: Page, take: Take, order: int) -> None:
    page.goto(f"{ORDERS}{order}/tokens/")
    page.get_by_role("button", name="Show token no. 6", exact=True).click()
    expect(page.locator("#token-6 code")).to_be_focused()
    page.locator("#token-6 code").evaluate("element => element.blur()")
    page.locator("#tp-give").evaluate("element => element.scrollIntoView()")
    page.set_viewport_size({"width": 1280, "height": 1240})
    take(page, "order-tokens")
    page.set_viewport_size(DESKTOP)
    page.get_by_role("link", name="Print cards").click()
    page.get_by_role("button", name="Make the cards").click()
    expect(page.get_by_role("article").first).to_be_visible()
    take(page, "cards")


def use(page: Page) -> None:
    page.get_by_role("button", name="Use it").click()
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="You are enrolled")).to_be_visible()


def cancel(page: Page, admin: Page, take: Take, order: int) -> None:
    page.goto(f"{ORDERS}{order}/cancel/")
    page.get_by_label("Number of tokens").fill("3")
    page.get_by_label("Reason").fill("Three people changed teams")
    page.get_by_role("button", name="Send request").click()
    expect(page.get_by_role("heading", name="Request to cancel 3 tokens")).to_be_visible()
    admin.goto(f"{ADMIN_ORDERS}{order}/change/")
    take(admin, "cancellation-request")
    admin.get_by_role("link", name="Grant", exact=True).click()
    admin.get_by_label("Refund amount").fill("270.00")
    admin.get_by_role("button", name="Grant", exact=True).click()
    expect(admin.get_by_text("3 tokens were cancelled")).to_be_visible()
