"""Lint the SQL of every migration after the first, as PostgreSQL and as MariaDB or MySQL run it.

    python scripts/lint_migrations.py               each server that answers; says what is left out
    python scripts/lint_migrations.py postgresql    one

The SQL is a server's own, so one must answer; nothing is written to it. With TOKEN_PAYMENTS_CI=1
a server that doesn't answer is a failure. What the linter can't see (which tables grow with use) is
looked at by tests/migrations.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
DATABASES = ("postgresql", "mysql")
APP = "token_payments"
LEFT_OUT = 3  # what a process ends with whose server doesn't answer


def main() -> int:
    if len(sys.argv) > 1:
        return lint(sys.argv[1])
    results = {}
    for database in DATABASES:
        environment = {
            **os.environ,
            "MINI_LMS_DATABASE": database,
            "DJANGO_SETTINGS_MODULE": "lms.envs.test",
        }
        results[database] = subprocess.run(
            [sys.executable, __file__, database], env=environment, check=False
        ).returncode
    is_strict = bool(os.environ.get("TOKEN_PAYMENTS_CI"))
    fine = (0,) if is_strict else (0, LEFT_OUT)
    return int(any(result not in fine for result in results.values()))


def lint(database: str) -> int:
    """For the database of MINI_LMS_DATABASE, which is this one."""
    sys.path[:0] = [str(REPOSITORY / "mini_lms"), str(REPOSITORY)]
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.db import OperationalError, connection

    try:
        django.setup()
        connection.ensure_connection()
    except (ImproperlyConfigured, OperationalError) as error:
        print(f"{database} is left out: {str(error).splitlines()[0]}")
        return LEFT_OUT
    from django_migration_linter import MigrationLinter

    logging.getLogger("django_migration_linter").setLevel(logging.WARNING)
    print(f"Migrations as {database} runs them:", flush=True)
    linter = MigrationLinter(
        include_apps=[APP], ignore_initial_migrations=True, no_cache=True, quiet=["ignore"]
    )
    linter.lint_all_migrations()
    return int(linter.has_errors)


if __name__ == "__main__":
    sys.exit(main())
