"""Load: processes that do one operation again and again, each with a connection of its own.

Processes, not threads: a thread that has the interpreter's lock keeps the others from asking the
database, which no LMS with several workers does.
"""

from __future__ import annotations

import gc
import multiprocessing
from array import array
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from time import perf_counter

from django.db import connections

Operation = Callable[[], object]
#: Makes the operation of one client, by its number, in that client's process.
MakeOperation = Callable[[int], Operation]

TIMEOUT = 60  # seconds for one round, whatever happens
FORK = multiprocessing.get_context("fork")


class UsedUp(Exception):
    """There is nothing left for this client to do, e.g. no code that is unused: it stops early."""


@dataclass
class Round:
    """What the clients did: ``rate`` in operations a second, latencies in seconds."""

    rate: float = 0.0
    latencies: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)


def run_round(make: MakeOperation, *, clients: int, seconds: float) -> Round:
    """Let so many clients work at once for so long, from one starting gun."""
    connections.close_all()  # a connection mustn't be shared with a child
    gun = FORK.Barrier(clients)
    pipes, processes = [], []
    for number in range(clients):
        here, there = FORK.Pipe(duplex=False)
        process = FORK.Process(target=_work, args=(make, number, gun, seconds, there))
        process.start()
        there.close()
        pipes.append(here)
        processes.append(process)
    result = Round()
    for pipe in pipes:
        _collect(pipe, result)
    for process in processes:
        process.join(TIMEOUT)
        if process.is_alive():
            process.kill()
    return result


def _collect(pipe: Connection, result: Round) -> None:
    if not pipe.poll(TIMEOUT):
        result.errors["no answer"] += 1
        return
    try:
        latencies, elapsed, errors = pipe.recv()
    except EOFError:
        result.errors["client died"] += 1
        return
    result.latencies.extend(latencies)
    result.rate += len(latencies) / elapsed if elapsed else 0.0
    result.errors.update(errors)


def _work(
    make: MakeOperation, number: int, gun: Barrier, seconds: float, answer: Connection
) -> None:
    """One client. The first operations warm connection and caches up, and don't count."""
    errors: Counter[str] = Counter()
    latencies = array("d")
    elapsed = 0.0
    try:
        operation = make(number)
        for _ in range(2):
            operation()
        gc.collect()
        gc.freeze()
        gun.wait(TIMEOUT)
        elapsed = _repeat(operation, seconds, latencies, errors)
    except Exception as error:  # noqa: BLE001 (it is counted and shown)
        errors[f"{type(error).__name__} at the start: {error}"[:200]] += 1
        gun.abort()
    answer.send((latencies.tolist(), elapsed, errors))
    connections.close_all()


def _repeat(
    operation: Operation, seconds: float, latencies: array[float], errors: Counter[str]
) -> float:
    start = perf_counter()
    end, now = start + seconds, start
    while now < end:
        try:
            operation()
        except UsedUp:
            break
        except Exception as error:  # noqa: BLE001 (it is counted and shown)
            errors[f"{type(error).__name__}: {error}"[:200]] += 1
            now = perf_counter()
            continue
        before, now = now, perf_counter()
        latencies.append(now - before)
    return now - start
