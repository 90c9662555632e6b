"""What tests do with ``web.py``: start it, send it forms, kill it or cut its connection."""

from __future__ import annotations

import http.client
import select
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.db import connection

from tests.servers.beside import run_beside

CSRF = "c" * 32
TIMEOUT = 60  # seconds

Answer = tuple[int, str]  # status, and where it leads


@dataclass
class Web:
    """A running web process."""

    process: subprocess.Popen[str]
    port: int
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))

    def send(self, path: str, session: str, **form: str) -> Future[Answer]:
        """A form of somebody who is signed in; the answer comes when there is one."""
        return self.pool.submit(self._post, path, session, form)

    def wait_for_point(self) -> int:
        """The id of the connection of the request that has come to the point."""
        assert self.process.stdout is not None
        has_come, _, _ = select.select([self.process.stdout], [], [], TIMEOUT)
        assert has_come, "the request hasn't come to the point"
        return int(self.process.stdout.readline())

    def go_on(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go on\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        """kill -9: no goodbye, no clean-up."""
        self.process.kill()
        self.process.wait(timeout=20)

    def _post(self, path: str, session: str, form: dict[str, str]) -> Answer:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"sessionid={session}; csrftoken={CSRF}",
            "X-CSRFToken": CSRF,
        }
        http_connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        try:
            http_connection.request("POST", path, urlencode(form), headers)
            answer = http_connection.getresponse()
            answer.read()
            return answer.status, answer.headers.get("Location", "")
        finally:
            http_connection.close()


@contextmanager
def serve(point: str = "", broker: str = "") -> Iterator[Web]:
    """The site on the tests' database, until the block ends."""
    with run_beside("web", point, broker) as (process, line):
        web = Web(process, int(line))
        try:
            yield web
        finally:
            web.kill()
            web.pool.shutdown()


def cut(connection_id: int) -> None:
    """End somebody else's database connection, from this one."""
    statement = (
        f"SELECT pg_terminate_backend({connection_id}, 5000)"
        if connection.vendor == "postgresql"
        else f"KILL {connection_id}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
