"""The demo: the mini LMS and a Celery worker on this machine, from an empty directory to log-ins.

    python scripts/demo.py [--port 8000] [--var var]
    python scripts/demo.py --scheduled      do the scheduled work of a demo that is there, once
    python scripts/demo.py --command token_payments_doctor --json      one of its commands

Everything that it writes lies in the `var` directory. Both processes end with this one. Tests and
the screenshots use `Demo` from here, so that what they see is what `make demo` shows.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import IO

REPOSITORY = Path(__file__).resolve().parents[1]
START_SECONDS = 60
STOP_SECONDS = 15
SCHEDULED = (
    "token_payments_expire",
    "token_payments_sweep_departures",
    "token_payments_retry_groups",
    "token_payments_low_balances",
    "token_payments_remind",
    "token_payments_resume_pending",
)


class DemoError(Exception):
    """The demo can't be started; the text says why, for the person at the terminal."""


class Demo:
    """One demo in one directory, on one port of 127.0.0.1.

    ``prepare`` migrates and seeds (again: nothing changes), ``start`` returns once pages are
    served, ``stop`` once both processes are gone; as a context manager it does all three. What the
    processes print goes to lms.log and worker.log in the directory.
    """

    def __init__(
        self, var: Path, port: int, *, lms: Path = REPOSITORY / "mini_lms", python: str = ""
    ) -> None:
        self.var, self.port, self.lms = var.resolve(), port, lms.resolve()
        self.python = python or sys.executable
        self.url = f"http://127.0.0.1:{port}"
        self._processes: list[subprocess.Popen[bytes]] = []
        self._logs: list[IO[bytes]] = []

    def __enter__(self) -> Demo:
        self.prepare()
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def mails(self) -> Path:
        """Where the demo's mails are written, one file each."""
        return self.var / "mails"

    def prepare(self) -> None:
        """Create the directory and the database. Raises DemoError with what Django printed."""
        self.mails.mkdir(parents=True, exist_ok=True)
        self._write_settings()
        for command in (["migrate", "--verbosity=0"], ["seed_host"], ["seed_demo"]):
            self.manage(*command)

    def manage(self, *arguments: str) -> str:
        """Run one of Django's commands; returns what it printed. Raises DemoError."""
        command = [self.python, "manage.py", *arguments]
        environment = self.environment()
        done = subprocess.run(
            command, cwd=self.lms, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise DemoError(f"manage.py {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def start(self) -> None:
        """Start the LMS and the worker. Raises DemoError when no page is served in a minute."""
        server = ["manage.py", "runserver", "--noreload", "--insecure", f"127.0.0.1:{self.port}"]
        worker = "-m celery -A lms worker --concurrency=1 --loglevel=INFO --without-mingle"
        quietly = "--without-gossip --without-heartbeat"
        self._spawn("lms", server)
        self._spawn("worker", [*worker.split(), *quietly.split()])
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            self.check()
            if time.monotonic() > deadline:
                raise DemoError(f"{self.url} doesn't answer")
            time.sleep(0.2)

    def check(self) -> None:
        """Raises DemoError when one of the processes has ended."""
        for process in self._processes:
            if process.poll() is not None:
                raise DemoError(f"{process.args!r} ended with {process.returncode}{self._tail()}")

    def call(self, *arguments: str) -> int:
        """Run one of Django's commands as it is, with files of this directory; its exit code."""
        command = [self.python, str(self.lms / "manage.py"), *arguments]
        return subprocess.run(command, env=self.environment(), check=False).returncode

    def stop(self) -> None:
        """End both processes and all that they started: politely, then not."""
        for process in self._processes:
            process.terminate()  # the worker first ends what it is at, so not its children
        deadline = time.monotonic() + STOP_SECONDS
        for process in self._processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - time.monotonic()))
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for log in self._logs:
            log.close()
        self._processes, self._logs = [], []

    def environment(self) -> dict[str, str]:
        """The processes' environment: the demo's settings, database and queue, nobody else's."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("MINI_LMS_")}
        return kept | {
            "DJANGO_SETTINGS_MODULE": "lms.envs.production",
            "LMS_CFG": str(self._settings_file),
            "MINI_LMS_VAR": str(self.var),
            "PYTHONUNBUFFERED": "1",
        }

    @property
    def _settings_file(self) -> Path:
        return self.var / "demo.lms.yml"

    def _write_settings(self) -> None:
        base = (self.lms / "demo.lms.yml").read_text(encoding="utf-8")
        site = f"127.0.0.1:{self.port}"
        own = {
            "LMS_ROOT_URL": self.url,
            "LMS_BASE": site,
            "SITE_NAME": site,
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": str(self.mails),
        }
        lines = [f'{name}: "{value}"' for name, value in own.items()]
        text = "\n".join([base, "# This run of the demo", *lines, ""])
        self._settings_file.write_text(text, encoding="utf-8")

    def _spawn(self, name: str, arguments: list[str]) -> None:
        log = (self.var / f"{name}.log").open("ab")
        self._logs.append(log)
        # A session of its own: Ctrl-C reaches this process only, which then ends the others.
        process = subprocess.Popen(
            [self.python, *arguments],
            cwd=self.lms,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._processes.append(process)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/", timeout=10) as page:
                return bool(page.status == HTTPStatus.OK)
        except urllib.error.HTTPError as error:
            raise DemoError(f"{self.url} answers with {error.code}{self._tail()}") from error
        except OSError:
            return False

    def _tail(self) -> str:
        logs = [path for log in self._logs if (path := Path(log.name)).exists()]
        texts = [log.read_text(errors="replace")[-2000:] for log in logs]
        return "".join(f"\n{text}" for text in texts)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def choose_port(wanted: int | None, *, default: int = 8000) -> int:
    """The wanted port, or the first free one from the default on. Raises DemoError."""
    if wanted is not None:
        if not is_free(wanted):
            raise DemoError(f"Port {wanted} is in use. Choose another one: make demo PORT=8080")
        return wanted
    for port in range(default, default + 50):
        if is_free(port):
            return port
    raise DemoError(f"No free port from {default} to {default + 49}")


def main() -> int:
    parser = argparse.ArgumentParser(description="Run the demo on this machine.")
    parser.add_argument("--port", type=int, help="default: the first free one from 8000 on")
    parser.add_argument("--var", type=Path, default=REPOSITORY / "var", help="default: var/")
    parser.add_argument("--scheduled", action="store_true", help="do the scheduled work, once")
    parser.add_argument(
        "--command", nargs=argparse.REMAINDER, help="run one of the demo's commands"
    )
    arguments = parser.parse_args()
    if arguments.scheduled or arguments.command:
        demo = Demo(arguments.var, arguments.port or 8000)
        if not demo.mails.exists():
            print("There is no demo yet: run `make demo` first.", file=sys.stderr)
            return 1
        return demo.call(*arguments.command) if arguments.command else do_scheduled_work(demo)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        demo = Demo(arguments.var, choose_port(arguments.port))
        print("Preparing the database ...", flush=True)
        with demo:
            print(describe(demo), flush=True)
            while True:
                time.sleep(0.5)
                demo.check()
    except DemoError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nThe demo has ended. `make demo` starts it again with what is in it.", flush=True)
    return 0


def do_scheduled_work(demo: Demo) -> int:
    """Run every command of the schedule, and say what each of them did."""
    try:
        for name in SCHEDULED:
            print(f"{name}: {demo.manage(name).strip()}", flush=True)
    except DemoError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Mails are in {demo.mails}")
    return 0


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def describe(demo: Demo) -> str:
    """The addresses and log-ins, as a table for the terminal."""
    pages = [
        ("Courses", f"{demo.url}/"),
        ("Sign in", f"{demo.url}/login"),
        ("Admin (token orders)", f"{demo.url}/admin/"),
        ("Mails that were sent", str(demo.mails)),
        ("Logs", f"{demo.var}/lms.log, {demo.var}/worker.log"),
    ]
    people = demo.manage("seed_demo", "--log-ins").strip()
    width = max(len(name) for name, _ in pages)
    table = "\n".join(f"  {name:<{width}}  {address}" for name, address in pages)
    return f"\nThe demo is running.\n\n{table}\n\n{people}\n\nCtrl-C ends it.\n"


if __name__ == "__main__":
    sys.exit(main())
