"""A bulk job that pays for members, against the same payments one by one."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import Permission
from django.utils import timezone

from benchmarks.duel import Run
from benchmarks.results import Row
from benchmarks.stock import PRICE
from token_payments.bulk import operations as bulk_operations
from token_payments.bulk import queries as bulk_queries
from token_payments.checkout import operations as checkout_operations

ROUNDS = 3
LIMIT = 2 * 1024 * 1024  # bytes more for ten times the rows


def measure(run: Run) -> None:
    number = 100 if run.effort.is_quick else 1000
    actor, learners = _make_payer(run), run.stock.learners[1 : number + 1]
    alone, jobs = [], []
    for _ in range(ROUNDS):  # one after the other, so that what the machine does beside hits both
        alone.append(number / _time(lambda: _pay_alone(run, actor, learners)))
        jobs.append(number / _time(_prepare_job(run, actor, learners)))
    ratio = median(job / one for job, one in zip(jobs, alone, strict=True))
    few, many = (
        _measure_memory(_prepare_job(run, actor, learners[: number // part])) for part in (10, 1)
    )
    name = f"pay for {number:,} members by a job"
    run.report.rows += [
        Row(f"pay for {number:,} members one by one", run.database, 1, median(alone)),
        Row(name, run.database, 1, median(jobs)),
    ]
    run.report.judge(name, "≥ 0.75 of one by one", f"{ratio:.2f}", is_met=ratio >= 0.75)
    run.report.judge(
        f"{name}: memory",
        "≤ 2 MiB more than a tenth of them",
        f"{(many - few) / 1024 / 1024:+.1f} MiB",
        is_met=many - few <= LIMIT,
    )


def _make_payer(run: Run) -> Any:
    """Who pays for others in both."""
    payer = run.stock.learners[0]
    payer.user_permissions.add(Permission.objects.get(codename="add_redemption"))
    return type(payer).objects.get(pk=payer.pk)


def _pay_alone(run: Run, actor: Any, learners: Sequence[Any]) -> None:
    item, wallet = run.stock.make_item(), run.stock.hot_wallet
    for learner in learners:
        checkout_operations.redeem(
            learner=learner,
            item_key=item.item_key,
            method="wallet",
            reference={"wallet": str(wallet.pk), "tokens": str(PRICE)},
            idempotency_key=uuid4().hex,
            now=timezone.now(),
            actor=actor,
        )


def _prepare_job(run: Run, actor: Any, learners: Sequence[Any]) -> Callable[[], None]:
    job = bulk_operations.start_redeeming(
        actor=actor,
        wallet=run.stock.hot_wallet,
        item_key=run.stock.make_item().item_key,
        tokens=PRICE,
        names=[learner.username for learner in learners],
        idempotency_key=uuid4().hex,
        now=timezone.now(),
    )

    def work() -> None:
        while bulk_operations.run_job(job.pk, clock=timezone.now):
            pass
        assert bulk_queries.measure_job(job).done == len(learners)

    return work


def _time(work: Callable[[], None]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def _measure_memory(work: Callable[[], None]) -> int:
    """The most that Python held at once, in bytes."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
