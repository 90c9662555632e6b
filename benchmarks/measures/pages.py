"""The admin's page of an order with few codes, and with many."""

from __future__ import annotations

from statistics import median
from time import perf_counter

from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benchmarks.duel import Run
from benchmarks.measures.finish import make_paid_item, use_edxapp_host
from benchmarks.results import Row
from token_payments.models import TokenOrder

FEW = 100
TIMES = 9


def measure(run: Run) -> None:
    import token_payments.admin  # noqa: F401  (it isn't looked for in this project's settings)

    many = 10_000 if run.effort.is_quick else 100_000
    with use_edxapp_host():
        item = make_paid_item(run.stock)
        orders = [run.stock.make_order(item, quantity) for quantity in (FEW, many)]
        client = Client()
        client.force_login(get_user_model().objects.create_superuser("bench-admin"))
        for order in orders:
            _time_page(client, order)
        times = [[_time_page(client, order) for order in orders] for _ in range(TIMES)]
        queries = [_count_queries(client, order) for order in orders]
    for number, quantity in enumerate((FEW, many)):
        took = median(one[number] for one in times)
        run.report.rows.append(
            Row(
                f"page of an order of {quantity:,} codes",
                run.database,
                1,
                rate=1 / took,
                p50_ms=took * 1000,
                queries=queries[number],
            )
        )
    slower = median(one[1] / one[0] for one in times)
    name = f"page of an order of {many:,} codes"
    run.report.judge(name, f"≤ 1.5 × that of {FEW}", f"{slower:.2f} ×", is_met=slower <= 1.5)
    run.report.judge(
        f"{name}: queries", str(queries[0]), str(queries[1]), is_met=queries[0] == queries[1]
    )


def _time_page(client: Client, order: TokenOrder) -> float:
    start = perf_counter()
    _get(client, order)
    return perf_counter() - start


def _count_queries(client: Client, order: TokenOrder) -> int:
    with CaptureQueriesContext(connection) as captured:
        _get(client, order)
    return len(captured)


def _get(client: Client, order: TokenOrder) -> None:
    path = reverse("admin:token_payments_tokenorder_change", args=(order.pk,))
    response = client.get(path)
    if response.status_code != 200:
        raise ValueError(f"{path} answers {response.status_code}")
