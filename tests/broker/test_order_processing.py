"""Orders processed by a real worker on the real broker, which may be killed at any moment."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from tests import factories
from tests.broker.worker import kill, run_worker, send, wait_for, write_site_settings
from token_payments.models import TokenOrder
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries

pytestmark = [pytest.mark.broker, pytest.mark.django_db(transaction=True)]

COURSE = "course-v1:Work+W1+2026"


@pytest.fixture
def order() -> TokenOrder:
    item = factories.make_shop(COURSE, modes={"verified": 149})
    return factories.make_order(item, buyer=factories.make_user("buyer"), quantity=20_000)


def count(order: TokenOrder) -> int:
    return order_queries.count_generated(order)


def status(order: TokenOrder) -> str:
    return TokenOrder.objects.values_list("status", flat=True).get(pk=order.pk)


def assert_complete(order: TokenOrder) -> None:
    serials = list(order.codes.order_by("serial").values_list("serial", flat=True))
    assert serials == list(range(1, order.quantity + 1))
    assert order.log.filter(action="processed").count() == 1


def test_a_worker_processes_an_order(order: TokenOrder, tmp_path: Path) -> None:
    queue = f"test-{uuid4().hex}"
    order_operations.start_processing(order.pk, actor=order.buyer, now=timezone.now())
    send(queue, "process_order", order.pk)
    with run_worker(write_site_settings(tmp_path), queue=queue):
        wait_for(lambda: status(order) == "processed", seconds=120, what="processing")
    assert_complete(order)


def test_a_worker_killed_half_way_is_replaced_without_a_duplicate_or_a_gap(
    order: TokenOrder, tmp_path: Path
) -> None:
    queue = f"test-{uuid4().hex}"
    site_settings = write_site_settings(tmp_path, CODES_PER_CHUNK=100)
    order_operations.start_processing(order.pk, actor=order.buyer, now=timezone.now())
    send(queue, "process_order", order.pk)
    with run_worker(site_settings, queue=queue) as worker:
        wait_for(lambda: count(order) >= 1000, seconds=60, what="the first codes")
        kill(worker)
    made = count(order)
    assert 0 < made < order.quantity
    assert status(order) == "processing"
    before = set(order.codes.values_list("code_hash", flat=True))
    with run_worker(site_settings, queue=queue):
        wait_for(lambda: status(order) == "processed", seconds=120, what="the second worker")
    assert before <= set(order.codes.values_list("code_hash", flat=True))
    assert_complete(order)


def test_a_worker_mails_the_codes_to_the_buyer(order: TokenOrder, tmp_path: Path) -> None:
    TokenOrder.objects.filter(pk=order.pk).update(quantity=3)
    order.refresh_from_db()
    factories.process(order)
    queue = f"test-{uuid4().hex}"
    send(queue, "mail_codes", order.pk, order.buyer_id)
    mails = tmp_path / "mails"
    with run_worker(write_site_settings(tmp_path), queue=queue):
        wait_for(lambda: any(mails.glob("*.log")), seconds=60, what="the mail")
        wait_for(lambda: order.log.filter(action="codes_mailed").exists(), seconds=10, what="log")
    text = "".join(path.read_text(encoding="utf-8") for path in mails.glob("*.log"))
    for code in factories.list_codes(order):
        assert code in text


def test_the_database_is_one_that_other_processes_can_see() -> None:
    assert connection.vendor in ("postgresql", "mysql")
