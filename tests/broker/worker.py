"""A Celery worker in a process of its own, on the real broker and on the tests' database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from celery import Celery
from django.conf import settings

REPOSITORY = Path(__file__).resolve().parents[2]
BROKER_URL = os.environ.get("TEST_BROKER_URL", "amqp://guest:guest@127.0.0.1:5672//")


def write_site_settings(folder: Path, **token_payments: Any) -> Path:
    """A YAML file for the worker's LMS, with the tests' keys."""
    path = folder / "worker.lms.yml"
    site = {
        "SECRET_KEY": "only for tests",
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "EMAIL_FILE_PATH": str(folder / "mails"),
        "TOKEN_PAYMENTS_ENABLED": True,
        "TOKEN_PAYMENTS": {**settings.TOKEN_PAYMENTS, **token_payments},
    }
    path.write_text(yaml.safe_dump(site), encoding="utf-8")
    return path


@contextmanager
def run_worker(site_settings: Path, *, queue: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a worker for the queue, and end it (and its children) when the block ends."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "lms.envs.production",
        "PYTHONPATH": str(REPOSITORY),
        "LMS_CFG": str(site_settings),
        "MINI_LMS_BROKER_URL": BROKER_URL,
        "MINI_LMS_DB_NAME": str(settings.DATABASES["default"]["NAME"]),
    }
    command = [sys.executable, "-m", "celery", "-A", "lms", "worker", "-Q", queue]
    command += ["--concurrency", "1", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    log = (site_settings.parent / "worker.log").open("ab")
    process = subprocess.Popen(
        command,
        cwd=REPOSITORY / "mini_lms",
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        kill(process)
        log.close()


def kill(process: subprocess.Popen[bytes]) -> None:
    """kill -9 for the worker and its children: no goodbye, no clean-up."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)


def wait_for(condition: Callable[[], bool], *, seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds} seconds")
        time.sleep(0.02)


def send(queue: str, task: str, *arguments: object) -> None:
    with Celery(broker=BROKER_URL) as app:
        app.send_task(f"token_payments.tasks.{task}", arguments, queue=queue)
