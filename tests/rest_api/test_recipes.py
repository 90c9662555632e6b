"""The recipes of docs/api.md, run as they stand with curl against a site with a worker."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command

from token_payments.models import BulkJob, LedgerEntry, Redemption, TokenCode, TokenOrder

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.M | re.S)


def test_every_recipe_works_as_it_stands(live_server) -> None:
    call_command("seed_host", verbosity=0)
    call_command("seed_demo", verbosity=0)
    entries = LedgerEntry.objects.count()
    recipes = "\n".join(BLOCK.findall(PAGE.read_text()))
    script = f"set -xeuo pipefail\n{recipes}"
    environment = {**os.environ, "LMS": live_server.url}
    done = subprocess.run(
        ["bash", "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert "problem:" not in done.stdout, done.stdout

    assert LedgerEntry.objects.count() == entries + 6
    retried, again, redemption = Redemption.objects.order_by("-id")[:3]
    assert (redemption.learner.username, redemption.state) == ("learner1", "reversed")
    assert (again.learner.username, again.state) == ("learner1", "completed")
    assert (retried.learner.username, retried.state) == ("learner2", "completed")
    paying, giving = BulkJob.objects.order_by("id")
    assert (paying.state, paying.run) == ("done", 2)
    rows = [*paying.rows.all(), *giving.rows.all()]
    assert [row.state for row in rows] == ["done", "done", "done", "failed"]
    order = TokenOrder.objects.order_by("-id").first()
    assert (order.status, order.quantity) == ("processed", 3)
    assert TokenCode.objects.filter(order=order, assignments__email="ann@example.com").exists()
    assert re.search(r'"code":"\w{4}-\w{4}-\w{4}-\w{5}"', done.stdout)
