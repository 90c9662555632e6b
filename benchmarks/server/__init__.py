"""The mini LMS with the plugin behind gunicorn, and clients that ask it."""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import jwt

from benchmarks.server.keys import AUDIENCE, ISSUER, KEY

REPOSITORY = Path(__file__).resolve().parents[2]
LOOPBACK = "127.0.0.1"
WORKERS, THREADS = 4, 4
TIMEOUT = 60  # seconds, for one answer and for the start
DAY = 24 * 3600


class Refused(Exception):
    """The server answered something else than what was asked for."""


class Client:
    """One connection that is kept open, as a program's own would be."""

    def __init__(self, port: int) -> None:
        self.connection = HTTPConnection(LOOPBACK, port, timeout=TIMEOUT)

    def ask(
        self, method: str, path: str, token: str, body: Any = None, **headers: str
    ) -> dict[str, Any]:
        """What the server answers as JSON; raises Refused for what isn't a success."""
        sent = {"Authorization": f"JWT {token}", "Content-Type": "application/json", **headers}
        self.connection.request(method, path, None if body is None else json.dumps(body), sent)
        response = self.connection.getresponse()
        text = response.read()
        if response.status >= 300:
            raise Refused(f"{response.status} {text[:150].decode(errors='replace')}")
        found: dict[str, Any] = json.loads(text)
        return found


def sign_in(username: str) -> str:
    """A JWT as the LMS makes it for a program."""
    now = int(time.time())
    claims = {
        "aud": AUDIENCE,
        "iss": ISSUER,
        "iat": now,
        "exp": now + DAY,
        "preferred_username": username,
        "scopes": ["read", "write"],
        "version": "1.2.0",
        "filters": [],
        "is_restricted": False,
    }
    return jwt.encode(claims, KEY, algorithm="HS256")


def is_installed() -> bool:
    return importlib.util.find_spec("gunicorn") is not None


@contextmanager
def serve() -> Iterator[int]:
    """Run the server on a free port of this machine; yields the port, and ends the server."""
    port = _find_free_port()
    command = [
        *(sys.executable, "-m", "gunicorn", "lms.wsgi:application"),
        *("--bind", f"{LOOPBACK}:{port}", "--log-level", "warning"),
        *("--workers", str(WORKERS), "--worker-class", "gthread", "--threads", str(THREADS)),
        *("--keep-alive", str(TIMEOUT), "--timeout", str(TIMEOUT)),
    ]
    paths = os.pathsep.join((str(REPOSITORY), str(REPOSITORY / "mini_lms")))
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "benchmarks.server.settings",
        "PYTHONPATH": paths,
    }
    server = subprocess.Popen(command, cwd=REPOSITORY, env=environment)
    try:
        _wait(server, port)
        yield port
    finally:
        server.terminate()
        try:
            server.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            server.kill()


def _wait(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline and server.poll() is None:
        try:
            Client(port).ask("GET", "/bare", "")
        except Refused:
            return
        except (OSError, HTTPException):
            time.sleep(0.1)
    raise RuntimeError("gunicorn doesn't start")


def _find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
