"""Files that were made to harm are refused in a moment, without much memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.imports.hostile import FILES

SECONDS = 1.0
MEMORY = 100  # MiB
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is told by Linux")
def test_all_are_refused_in_a_moment_and_without_much_memory(tmp_path: Path) -> None:
    for name, make in FILES.items():
        (tmp_path / name).write_bytes(make())
    run = subprocess.run(
        [sys.executable, "-m", "tests.imports.hostile", str(tmp_path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    memory = told.pop("")
    assert set(told) == set(FILES)
    assert len(told) >= 30
    wrong = {name: answer for name, (answer, _) in told.items() if answer.isdigit()}
    assert wrong == {}
    slow = {name: seconds for name, (_, seconds) in told.items() if seconds > SECONDS}
    assert slow == {}
    assert memory < MEMORY
