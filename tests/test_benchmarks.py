"""The benchmarks run, and say what they found in the form that others read."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
COLUMNS = {
    "name",
    "database",
    "clients",
    "rate",
    "p50_ms",
    "p99_ms",
    "queries",
    "errors",
    "ratio_to_raw",
    "ratio_to_floor",
    "ratio_to_peer",
}


def run(tmp_path: Path, *arguments: str) -> tuple[str, dict[str, list[dict[str, object]]]]:
    found = tmp_path / "found.json"
    command = [sys.executable, "-m", "benchmarks", "--database", "sqlite", "--quick"]
    done = subprocess.run(
        [*command, "--json", str(found), *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, json.loads(found.read_text())


def test_a_short_run_on_sqlite_finds_rates_ratios_and_no_error(tmp_path: Path) -> None:
    printed, found = run(tmp_path, "--only", "codes", "--seconds", "0.05", "--clients", "1")
    assert found["results"]
    for row in found["results"]:
        assert set(row) == COLUMNS
        assert row["database"] == "sqlite"
        assert row["rate"] > 0
        assert row["errors"] == 0
    codes = [row for row in found["results"] if row["name"] == "redeem a code"]
    assert [row["clients"] for row in codes] == [1]
    assert codes[0]["queries"] <= 6
    assert 0 < codes[0]["ratio_to_floor"] < codes[0]["ratio_to_floor"] / codes[0]["ratio_to_raw"]
    assert {"met", "NOT MET"} >= {
        verdict for verdict in ("met", "NOT MET") if f"  {verdict}" in printed
    }
    assert all(goal["measured"] and goal["target"] for goal in found["goals"])
