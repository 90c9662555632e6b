"""Which tests run, and plain words about those that were left out.

Tests under ``servers/``, ``broker/``, ``browser/``, ``cluster/`` and ``tutor/`` need something that
not every machine has. They run when asked for (--servers, --broker, and so on); otherwise the end
of the run says how many were left out and how to run them. With --no-left-out (CI) a test that
skips itself, or a kind that was asked for and has no test, fails the run.

Several processes share the tests (pytest-xdist); those of a server stay together in one of them,
since each takes dozens of connections.
"""

from __future__ import annotations

import gc
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.utils import translation
from edx_django_utils.cache import TieredCache

HERE = Path(__file__).parent

#: Of ``tests/life``: --hypothesis-profile=life lives for hours (make test-life).
LIFE_PROFILE = "life"
hypothesis.settings.register_profile(
    LIFE_PROFILE,
    max_examples=2000,
    database=None,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=list(hypothesis.HealthCheck),
)


@dataclass(frozen=True)
class Kind:
    """Tests that need something: what, how they are run, and the module that they import."""

    name: str
    needs: str
    command: str
    module: str = ""

    @property
    def lacks_tools(self) -> bool:
        return bool(self.module) and find_spec(self.module) is None


KINDS = (
    Kind("servers", "a PostgreSQL or MariaDB server", "make test-servers"),
    Kind("broker", "RabbitMQ, Redis and a database server", "make test-broker"),
    Kind("browser", "Chromium", "make test-browser", module="playwright"),
    Kind("cluster", "root and MariaDB with Galera", "make test-cluster"),
    Kind("tutor", "Tutor, Node and Chromium", "make test-tutor", module="playwright"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("token payments")
    for kind in KINDS:
        group.addoption(f"--{kind.name}", action="store_true", help=f"run what needs {kind.needs}")
    group.addoption(
        "--no-left-out",
        action="store_true",
        default=bool(os.environ.get("TOKEN_PAYMENTS_CI")),
        help="fail when a test skips itself or an asked-for kind is empty (TOKEN_PAYMENTS_CI=1)",
    )


def pytest_configure(config: pytest.Config) -> None:
    if _database() == "sqlite" and (config.getoption("--servers") or config.getoption("--broker")):
        raise pytest.UsageError("--servers and --broker need MINI_LMS_DATABASE=postgresql or mysql")
    config.pluginmanager.register(LeftOut(config), "left-out")


def pytest_report_header() -> str:
    return f"database: {_database()}"


class LeftOut:
    """Takes tests out of the run, counts them, and tells."""

    def __init__(self, config: pytest.Config) -> None:
        self.asked = [kind for kind in KINDS if config.getoption(f"--{kind.name}")]
        self.strict = config.getoption("--no-left-out") and not config.option.collectonly
        self.found: Counter[Kind] = Counter()
        self.unread: set[Kind] = set()
        self.skipped: list[str] = []

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """A folder whose tools aren't installed can't even be read: its tests aren't counted."""
        for kind in KINDS:
            if collection_path == HERE / kind.name and kind not in self.asked and kind.lacks_tools:
                self.unread.add(kind)
                return True
        return None

    def pytest_collection_finish(self) -> None:
        """All that was read stays: looking for garbage in it took a fifth of the time."""
        gc.collect()
        gc.freeze()

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        kept, removed = [], []
        for item in items:
            kinds = [kind for kind in KINDS if _is_of(item, kind)]
            self.found.update(kinds)
            for kind in kinds:
                item.add_marker(pytest.mark.xdist_group(kind.name))
            (kept if set(kinds) <= set(self.asked) else removed).append(item)
        if removed:
            config.hook.pytest_deselected(items=removed)
            items[:] = kept

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A process of its own has ended: what it found, as each of them reads all tests."""
        found = getattr(node, "workeroutput", {}).get("found", {})
        self.found = Counter({kind: found[kind.name] for kind in KINDS if kind.name in found})

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            self.skipped.append(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(session.config, "workeroutput"):
            found = {kind.name: count for kind, count in self.found.items()}
            session.config.workeroutput["found"] = found
            return
        fine = session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        if self.strict and fine and self.list_faults():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        found = {kind for kind in KINDS if self.found[kind]} | self.unread
        left_out = [kind for kind in KINDS if kind in found and kind not in self.asked]
        if left_out:
            terminalreporter.section("left out", sep="-")
        for kind in left_out:
            tests = f"{self.found[kind]} tests" if self.found[kind] else f"The {kind.name} tests"
            terminalreporter.line(f"{tests} need {kind.needs}. They run with: {kind.command}")
        for fault in self.list_faults() if self.strict else ():
            terminalreporter.line(f"ERROR: {fault}", red=True)

    def list_faults(self) -> list[str]:
        """What --no-left-out objects to."""
        empty = [kind.name for kind in self.asked if not self.found[kind]]
        return [f"{nodeid} was skipped" for nodeid in self.skipped] + [
            f"--{name} was asked for, but there is no such test" for name in empty
        ]


def _is_of(item: pytest.Item, kind: Kind) -> bool:
    """By its folder or its marker; a test of a folder gets the marker."""
    if (HERE / kind.name) in item.path.parents:
        item.add_marker(kind.name)
    return item.get_closest_marker(kind.name) is not None


def _database() -> str:
    return os.environ.get("MINI_LMS_DATABASE", "sqlite")


@pytest.fixture(autouse=True)
def _no_cached_facts() -> Iterator[None]:
    """What one test left in the caches (settings rows, throttle counts) is not the next one's.

    Before it for the test, and after it for the next class's ``setUpTestData``.
    """
    TieredCache.dangerous_clear_all_tiers()
    yield
    TieredCache.dangerous_clear_all_tiers()


@pytest.fixture(autouse=True)
def _nobody_asks_for_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    """A webhook to example.com leads nowhere at once: a machine without a network waits for it."""
    from token_payments.webhooks import sending

    real = sending.list_addresses

    def find(target: Any, **more: Any) -> Any:
        if target.host.endswith("example.com"):
            raise sending.AddressRefused(target.host)
        return real(target, **more)

    monkeypatch.setattr(sending, "list_addresses", find)


@pytest.fixture(autouse=True)
def _no_language_stays() -> Iterator[None]:
    """A request leaves its reader's language to its thread: the next test begins in the site's."""
    with translation.override(settings.LANGUAGE_CODE):
        yield
