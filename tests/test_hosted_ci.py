"""What runs on GitHub is what `make` runs here: the same commands, Pythons and tools."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).resolve().parents[1]
MAKEFILE = (REPOSITORY / "Makefile").read_text()


def read(path: str) -> Any:
    return yaml.safe_load((REPOSITORY / path).read_text())


def list_matrix(job: str) -> dict[str, list[str]]:
    matrix: dict[str, list[str]] = read(".github/workflows/ci.yml")["jobs"][job]["strategy"][
        "matrix"
    ]
    return matrix


def test_readmes_commands_run_on_every_python_that_the_package_names() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    named = re.findall(r"Python :: (\d\.\d+)", " ".join(project["classifiers"]))
    assert list_matrix("readme")["python"] == named
    commands = read(".github/workflows/ci.yml")["jobs"]["readme"]["steps"]
    block = re.search(r"```\n(make .+?)```", (REPOSITORY / "README.md").read_text(), re.S)
    assert block is not None
    promised = re.findall(r"^(make \w+)", block[1], re.M)
    assert [step["name"] for step in commands if "run" in step] == promised


def test_every_target_on_servers_is_one_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.M))
    assert set(list_matrix("servers")["target"]) <= targets


def test_every_target_on_servers_runs_on_one_machine_too() -> None:
    run_here = re.findall(
        r" make [a-z -]*?([a-z]+-?[a-z]+)$", (REPOSITORY / ".ci/run").read_text(), re.M
    )
    assert set(list_matrix("servers")["target"]) <= set(run_here)


def test_every_folder_that_leans_on_the_database_is_there() -> None:
    [folders] = re.findall(r"^ON_SERVERS := \$\(addprefix tests/,([^)]+)\)", MAKEFILE, re.M)
    for folder in folders.replace("\\", "").split():
        assert (REPOSITORY / "tests" / folder).is_dir(), folder


def test_hooks_of_git_run_the_tools_of_make_quality() -> None:
    [repository] = read(".pre-commit-config.yaml")["repos"]
    entries = [hook["entry"].removesuffix(" --force-exclude") for hook in repository["hooks"]]
    assert entries == [".venv/bin/ruff check", ".venv/bin/ruff format --check", ".venv/bin/mypy"]
    for entry in entries:
        assert f"\t{entry.replace('.venv/bin', '$(BIN)')}\n" in MAKEFILE
