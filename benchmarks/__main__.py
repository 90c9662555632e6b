"""The command line. One process measures one database; without --database, all that answer."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
DATABASES = ("sqlite", "postgresql", "mysql")


def main() -> int:
    options = _parse()
    if options.database:
        return _measure(options)
    results: list[dict[str, Any]] = []
    failed = []
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        for database in DATABASES:
            found = Path(folder) / f"{database}.json"
            arguments = [*sys.argv[1:], "--database", database, "--json", str(found)]
            command = [sys.executable, "-m", "benchmarks", *arguments]
            if subprocess.run(command, cwd=REPOSITORY, check=False).returncode:
                failed.append(database)
            elif found.exists():
                results.append(json.loads(found.read_text()))
    if options.json:
        merged = {name: [row for one in results for row in one[name]] for name in results[0]}
        options.json.write_text(json.dumps(merged, indent=2))
    return int(bool(failed))


def _measure(options: argparse.Namespace) -> int:
    sys.path.insert(0, str(REPOSITORY / "mini_lms"))
    os.environ["MINI_LMS_DATABASE"] = options.database
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        os.environ["BENCHMARKS_FOLDER"] = os.environ["MINI_LMS_VAR"] = folder
        from benchmarks.session import run_session

        return run_session(
            options.database,
            only=options.only,
            quick=options.quick,
            full=options.full,
            seconds=options.seconds,
            clients=options.clients,
            target=options.json,
        )


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--database", choices=DATABASES, help="one only, not all that answer")
    parser.add_argument("--quick", action="store_true", help="short rounds, small stocks")
    parser.add_argument("--full", action="store_true", help="a million where 100,000 would do")
    parser.add_argument("--only", default="", help="some measures, e.g. wallet,codes")
    parser.add_argument("--seconds", type=float, help="length of a round")
    parser.add_argument("--clients", default="", help="other numbers of clients, e.g. 1,8")
    parser.add_argument("--json", type=Path, help="write the results here too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
