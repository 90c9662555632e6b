"""Every migration can be taken back, and leaves no trace; on whatever database the suite runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).with_name("there_and_back.py")


def test_each_step_back_leaves_what_was_there_before_it() -> None:
    done = subprocess.run(
        [sys.executable, str(PROGRAM)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "lms.envs.test"},
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    down, up = dict(found["down"]), dict(found["up"])
    assert down.pop("zero") == {}, "no table of ours is left"
    assert len(up) >= 4
    assert list(up) == list(reversed(down))
    for name, tables in up.items():
        assert len(tables) >= 20
        assert tables == down[name], name
    stages = [json.dumps(tables) for tables in up.values()]
    assert len(set(stages)) == len(stages), "each of them changes something"
