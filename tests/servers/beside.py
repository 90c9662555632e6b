"""A process beside the tests, on their database, that can be stopped anywhere and killed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

REPOSITORY = Path(__file__).resolve().parents[2]


@contextmanager
def run_beside(module: str, *arguments: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """``tests.servers.<module>`` and the first line that it says; killed when the block ends."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "lms.envs.test",
        "PYTHONPATH": os.pathsep.join([str(REPOSITORY / "mini_lms"), str(REPOSITORY)]),
        "MINI_LMS_DB_NAME": str(settings.DATABASES["default"]["NAME"]),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", f"tests.servers.{module}", *map(str, arguments)],
        cwd=REPOSITORY,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait(timeout=20)
