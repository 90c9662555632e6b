"""Real Tutors in environments of their own, which `make test-tutor` makes: Ulmo's and Verawood's.

Each test that changes the configuration gets a root of its own; ``docker`` is a script that writes
down how it was called.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

RELEASES = {"21": "Ulmo", "22": "Verawood"}
FAKE_DOCKER = f"""#!{sys.executable}
import json, os, sys
with open(os.environ["DOCKER_CALLS"], "a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\\n")
print("[]")  # no project is running
"""


class Tutor:
    """One Tutor, with one root."""

    def __init__(self, release: str, root: Path) -> None:
        self.program = Path(sys.prefix) / f"tutor-{release}" / "bin" / "tutor"
        self.root, self.env, self.calls = root / "root", root / "root" / "env", root / "calls"
        self.variables = {
            **os.environ,
            "TUTOR_ROOT": str(self.root),
            "TUTOR_PLUGINS_ROOT": str(root / "plugins"),
            "DOCKER_CALLS": str(self.calls),
            "PATH": f"{_make_docker(root)}:{os.environ['PATH']}",
        }

    def __call__(self, *arguments: str, code: int = 0, **variables: str) -> str:
        """What it printed, errors included. It must end with ``code``."""
        done = subprocess.run(
            [str(self.program), *arguments],
            env={**self.variables, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout
        return done.stdout

    def set(self, **values: Any) -> str:
        """``config save --set``, each value written as YAML."""
        flags = [
            f"--set=TOKEN_PAYMENTS_{name}={json.dumps(value)}" for name, value in values.items()
        ]
        return self("config", "save", *flags)

    def read(self, path: str) -> str:
        return (self.env / path).read_text()

    def read_config(self) -> dict[str, Any]:
        return yaml.safe_load((self.root / "config.yml").read_text())

    def read_calls(self) -> list[list[str]]:
        """How docker was called."""
        return [json.loads(line) for line in self.calls.read_text().splitlines()]


def _make_docker(folder: Path) -> Path:
    programs = folder / "bin"
    programs.mkdir(parents=True)
    docker = programs / "docker"
    docker.write_text(FAKE_DOCKER)
    docker.chmod(docker.stat().st_mode | stat.S_IXUSR)
    return programs


def make_tutor(release: str, folder: Path, *plugins: str) -> Tutor:
    tutor = Tutor(release, folder)
    tutor("plugins", "enable", *plugins)
    tutor("config", "save")
    return tutor


@pytest.fixture(params=RELEASES, ids=RELEASES.get, scope="package")
def release(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="package")
def untouched(release: str, tmp_path_factory: pytest.TempPathFactory) -> Tutor:
    """As it is after `tutor plugins enable`; tests only read it."""
    return make_tutor(release, tmp_path_factory.mktemp(release), "mfe", "token-payments")


@pytest.fixture(scope="package")
def verawood(tmp_path_factory: pytest.TempPathFactory) -> Tutor:
    """For what Ulmo has not. Tests only read it."""
    return make_tutor("22", tmp_path_factory.mktemp("verawood"), "mfe", "token-payments")


@pytest.fixture
def tutor(untouched: Tutor, release: str, tmp_path: Path) -> Tutor:
    """One that the test may change: a copy, as each call of Tutor takes seconds."""
    tutor = Tutor(release, tmp_path)
    shutil.copytree(untouched.root, tutor.root)
    return tutor
