"""Run as a program: every migration down to none and up again, in a database of its own.

It begins with tables as the models have them, which is what all migrations must lead to. Prints
what the tables are like after each step, as JSON: ``[name, tables]`` downwards and upwards.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
LABEL = "token_payments"


def main() -> None:
    sys.path[:0] = [str(REPOSITORY / "mini_lms"), str(REPOSITORY)]
    import django

    django.setup()
    from django.db import connection

    name = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["MIGRATE"] = False
    if connection.vendor != "sqlite":
        connection.settings_dict["TEST"]["NAME"] = f"test_{name}_migrations"
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        print(json.dumps(go_there_and_back()))
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def go_there_and_back() -> dict[str, list[Any]]:
    from django.core.management import call_command
    from django.db.migrations.loader import MigrationLoader

    names = sorted(name for label, name in MigrationLoader(None).graph.nodes if label == LABEL)
    call_command("migrate", fake=True, verbosity=0)
    found: dict[str, list[Any]] = {"down": [[names[-1], describe_tables()]], "up": []}
    for target in [*reversed(names[:-1]), "zero"]:
        call_command("migrate", LABEL, target, verbosity=0)
        found["down"].append([target, describe_tables()])
    for target in names:
        call_command("migrate", LABEL, target, verbosity=0)
        found["up"].append([target, describe_tables()])
    return found


def describe_tables() -> dict[str, Any]:
    """Columns, indexes and constraints of our tables."""
    from django.db import connection

    with connection.cursor() as cursor:
        introspection = connection.introspection
        tables = [t for t in introspection.table_names(cursor) if t.startswith(f"{LABEL}_")]
        return {
            table: {
                "columns": sorted(
                    [column.name, str(column.type_code), bool(column.null_ok)]
                    for column in introspection.get_table_description(cursor, table)
                ),
                "constraints": sorted(
                    [sorted(constraint["columns"] or []), constraint["unique"], constraint["check"]]
                    for constraint in introspection.get_constraints(cursor, table).values()
                ),
            }
            for table in sorted(tables)
        }


if __name__ == "__main__":
    main()
