"""What the plugin adds to the LMS's start-up: the mini LMS, with and without its entry point."""

from __future__ import annotations

import os
import subprocess
import sys
from statistics import median

from benchmarks.duel import Run
from benchmarks.results import Row

MOST = 150  # ms
START = """
import sys, time
from stevedore.extension import ExtensionManager
listed = ExtensionManager.list_entry_points
ExtensionManager.list_entry_points = lambda self: [
    point for point in listed(self) if point.name != "{leave_out}"
]
from django.db.backends.utils import CursorWrapper
queries = []
CursorWrapper.execute = lambda self, sql, params=None: queries.append(sql)
start = time.perf_counter()
import django
django.setup()
from django.contrib import admin
from django.urls import get_resolver
get_resolver().url_patterns
took = time.perf_counter() - start
assert ("token_payments" in sys.modules) != bool("{leave_out}")
print(took, len(queries))
"""


def measure(run: Run) -> None:
    rounds = 3 if run.effort.is_quick else 9
    added, bare, queries = [], [], 0
    for _ in range(rounds):
        without, _ = _start(leave_out="token_payments")
        with_plugin, asked = _start(leave_out="")
        added.append((with_plugin - without) * 1000)
        bare.append(without * 1000)
        queries += asked
    run.report.rows += [
        Row(
            "start of the mini LMS alone", run.database, 1, 1000 / median(bare), p50_ms=median(bare)
        ),
        Row(
            "what the plugin adds to it",
            run.database,
            1,
            1000 / max(median(added), 0.001),
            p50_ms=median(added),
            queries=queries,
        ),
    ]
    run.report.judge(
        "import cost", f"< {MOST} ms", f"{median(added):.0f} ms", is_met=median(added) < MOST
    )
    run.report.judge("queries at import", "0", str(queries), is_met=queries == 0)


def _start(*, leave_out: str) -> tuple[float, int]:
    """Seconds, and the queries that were asked meanwhile, in a process of its own."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "lms.envs.test",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    script = START.format(leave_out=leave_out)
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    took, queries = done.stdout.split()[-2:]
    return float(took), int(queries)
