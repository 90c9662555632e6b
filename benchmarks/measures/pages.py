"""The pages of an order with few codes, and with many, in the admin and for its buyer."""

from __future__ import annotations

import tracemalloc
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benchmarks.duel import Run
from benchmarks.measures.finish import make_paid_item, use_edxapp_host
from benchmarks.results import Row
from token_payments.models import TokenCode, TokenOrder

FEW = 100
TIMES = 9
FILE_FEW = 5_000  # codes: more than are held in memory at once


@dataclass(frozen=True)
class Page:
    """A page of an order: what it is called, and where it is."""

    label: str
    name: str
    by_keyword: bool = True

    def find_url(self, order: TokenOrder) -> str:
        if self.by_keyword:
            return reverse(f"token_payments:{self.name}", kwargs={"order_id": order.pk})
        return reverse(f"admin:{self.name}", args=(order.pk,))


ADMIN_PAGE = Page("page", "token_payments_tokenorder_change", by_keyword=False)
BUYERS_PAGES = (
    Page("buyer's page", "order"),
    Page("buyer's tokens", "order_tokens"),
    Page("buyer's log", "order_log"),
)


def measure(run: Run) -> None:
    import token_payments.admin  # noqa: F401  (it isn't looked for in this project's settings)

    many = 10_000 if run.effort.is_quick else 100_000
    with use_edxapp_host():
        item = make_paid_item(run.stock)
        orders = [run.stock.make_order(item, quantity) for quantity in (FEW, many)]
        admin, buyer = Client(), Client()
        admin.force_login(get_user_model().objects.create_superuser("bench-admin"))
        buyer.force_login(orders[0].buyer)
        _compare(run, admin, ADMIN_PAGE, orders)
        for page in BUYERS_PAGES:
            _compare(run, buyer, page, orders)
        for order in orders:
            _use_half(order)
        _compare(run, buyer, BUYERS_PAGES[0], orders, note=", half of them redeemed")
        _weigh_file(run, buyer, [run.stock.make_order(item, FILE_FEW), orders[1]])


def _compare(
    run: Run, client: Client, page: Page, orders: list[TokenOrder], *, note: str = ""
) -> None:
    """The page of the order with many codes beside that of the one with few."""
    for order in orders:
        _time_page(client, page, order)
    times = [[_time_page(client, page, order) for order in orders] for _ in range(TIMES)]
    queries = [_count_queries(client, page, order) for order in orders]
    for number, order in enumerate(orders):
        took = median(one[number] for one in times)
        run.report.rows.append(
            Row(
                _write_name(page, order, note),
                run.database,
                1,
                rate=1 / took,
                p50_ms=took * 1000,
                queries=queries[number],
            )
        )
    slower = median(one[1] / one[0] for one in times)
    name = _write_name(page, orders[1], note)
    run.report.judge(name, f"≤ 1.5 × that of {FEW}", f"{slower:.2f} ×", is_met=slower <= 1.5)
    run.report.judge(
        f"{name}: queries", str(queries[0]), str(queries[1]), is_met=queries[0] == queries[1]
    )


def _write_name(page: Page, order: TokenOrder, note: str) -> str:
    return f"{page.label} of an order of {order.quantity:,} codes{note}"


def _use_half(order: TokenOrder) -> None:
    """As if every second code were redeemed, past the payments: only the counts look at it."""
    TokenCode.objects.filter(order=order, serial__gt=order.quantity // 2).update(status="redeemed")


def _weigh_file(run: Run, client: Client, orders: list[TokenOrder]) -> None:
    """The memory that the CSV file takes while it is sent, with few codes and with many."""
    peaks = [_find_peak(client, order) for order in orders]
    name = f"memory of the CSV file of {orders[1].quantity:,} codes"
    heavier = peaks[1] / peaks[0]
    target = f"≤ 1.5 × that of {orders[0].quantity:,}"
    measured = f"{heavier:.2f} × ({peaks[1] / 2**20:.1f} MiB)"
    run.report.judge(name, target, measured, is_met=heavier <= 1.5)


def _find_peak(client: Client, order: TokenOrder) -> int:
    url = reverse("token_payments:order_tokens_csv", kwargs={"order_id": order.pk})
    tracemalloc.start()
    response: Any = client.post(url)
    if not response.streaming:
        raise ValueError(f"{url} answers {response.status_code}")
    sent = sum(len(piece) for piece in response)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    if sent < order.quantity * 100:
        raise ValueError(f"{url} sent {sent} bytes only")
    return peak


def _time_page(client: Client, page: Page, order: TokenOrder) -> float:
    start = perf_counter()
    _get(client, page, order)
    return perf_counter() - start


def _count_queries(client: Client, page: Page, order: TokenOrder) -> int:
    with CaptureQueriesContext(connection) as captured:
        _get(client, page, order)
    return len(captured)


def _get(client: Client, page: Page, order: TokenOrder) -> None:
    url = page.find_url(order)
    response = client.get(url)
    if response.status_code != 200:
        raise ValueError(f"{url} answers {response.status_code}")
