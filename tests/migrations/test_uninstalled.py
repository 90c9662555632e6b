"""An LMS from which the plugin was taken: it works, and who paid is enrolled still."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).with_name("uninstalled.py")
COURSE = "course-v1:Acme+FIRE+2026"
FREE = "course-v1:Acme+FREE+2026"


def run(folder: Path, step: str) -> Any:
    """On SQLite, whatever the suite runs on: it is about the LMS."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "lms.envs.test",
        "MINI_LMS_DATABASE": "sqlite",
        "MINI_LMS_SQLITE": str(folder / "lms.sqlite3"),
        "MINI_LMS_VAR": str(folder),
    }
    done = subprocess.run(
        [sys.executable, str(PROGRAM), step],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_lms_works_without_the_package_and_enrolments_stay(tmp_path: Path) -> None:
    run(tmp_path, "pay")
    kept = run(tmp_path, "without")
    assert len(kept["tables"]) > 20
    judge(kept)
    run(tmp_path, "zero")
    removed = run(tmp_path, "without")
    assert removed["tables"] == []
    judge(removed)


def judge(found: dict[str, Any]) -> None:
    assert not found["is_loaded"]
    assert set(found["statuses"].values()) == {200}
    assert found["enrolments"] == [[COURSE, "verified", True], [FREE, "audit", True]]
    assert found["joined_and_left"] == [200, 200]
