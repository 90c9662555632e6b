"""Bulk jobs done by a real worker on the real broker, which is killed in the middle."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from uuid import uuid4

import pytest
from celery import Celery
from django.utils import timezone

from tests import factories
from tests.broker.worker import BROKER_URL, kill, run_worker, wait_for, write_site_settings
from token_payments.bulk import operations as bulk_operations
from token_payments.models import BulkJob, BulkRow, Redemption
from token_payments.wallets import queries as wallet_queries

pytestmark = [pytest.mark.broker, pytest.mark.django_db(transaction=True)]

COURSE = "course-v1:Work+BULK+2026"
MEMBERS = 120


@pytest.fixture
def job() -> BulkJob:
    gold = factories.make_type()
    factories.make_shop(COURSE, modes={"verified": 149}, methods=["wallet"], token_prices={gold: 1})
    manager = factories.make_user("manager")
    members = [factories.make_user(f"member{number}") for number in range(MEMBERS)]
    account = factories.make_account(managers=[manager], members=members)
    factories.issue_tokens(account, gold, MEMBERS)
    return bulk_operations.start_redeeming(
        actor=manager,
        wallet=factories.find_wallet(account, gold),
        item_key=COURSE,
        tokens=1,
        names=[member.username for member in members],
        idempotency_key="job",
        now=timezone.now(),
    )


def count_done() -> int:
    return BulkRow.objects.filter(state="done").count()


def test_a_worker_killed_in_the_middle_is_replaced_and_each_row_is_done_once(
    job: BulkJob, tmp_path: Path
) -> None:
    queue = f"test-{uuid4().hex}"
    site_settings = write_site_settings(tmp_path)
    with Celery(broker=BROKER_URL) as app:
        app.send_task("token_payments.tasks.run_bulk_job", [job.pk], queue=queue)
    with run_worker(site_settings, queue=queue) as worker:
        wait_for(lambda: count_done() >= 20, seconds=60, what="the first rows")
        kill(worker)
    before = count_done()
    assert 20 <= before < MEMBERS
    # the broker hands the task to the next worker, which comes again until the lease is over
    with run_worker(site_settings, queue=queue):
        wait_for(lambda: count_done() == MEMBERS, seconds=120, what="the second worker")
        wait_for(lambda: BulkJob.objects.get().state == "done", seconds=30, what="its end")
    paid = Counter(Redemption.objects.values_list("learner__username", flat=True))
    assert set(paid.values()) == {1}
    assert len(paid) == MEMBERS
    assert wallet_queries.get_balance(job.wallet, timezone.now()).available == 0
