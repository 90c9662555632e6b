"""The database, chosen by MINI_LMS_DATABASE: sqlite (default), postgresql or mysql."""

import os
from pathlib import Path
from typing import Any


def database_from_env(var_dir: Path) -> dict[str, Any]:
    kind = os.environ.get("MINI_LMS_DATABASE", "sqlite")
    if kind == "sqlite":
        return _sqlite(var_dir)
    if kind == "postgresql":
        return _server("django.db.backends.postgresql", port="5432", user="postgres")
    if kind == "mysql":
        options = {
            "charset": "utf8mb4",
            "sql_mode": "STRICT_TRANS_TABLES",
            "isolation_level": "read committed",
        }
        test = {"CHARSET": "utf8mb4", "COLLATION": "utf8mb4_unicode_ci"}
        database = _server("django.db.backends.mysql", port="3306", user="root")
        return database | {"OPTIONS": options, "TEST": test}
    raise ValueError(f"MINI_LMS_DATABASE must be sqlite, postgresql or mysql, not {kind!r}")


def _sqlite(var_dir: Path) -> dict[str, Any]:
    path = Path(os.environ.get("MINI_LMS_SQLITE", var_dir / "lms.sqlite3"))
    path.parent.mkdir(parents=True, exist_ok=True)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "ATOMIC_REQUESTS": True,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }


def _server(engine: str, *, port: str, user: str) -> dict[str, Any]:
    return {
        "ENGINE": engine,
        "HOST": os.environ.get("MINI_LMS_DB_HOST", "127.0.0.1"),
        "PORT": os.environ.get("MINI_LMS_DB_PORT", port),
        "USER": os.environ.get("MINI_LMS_DB_USER", user),
        "PASSWORD": os.environ.get("MINI_LMS_DB_PASSWORD", ""),
        "NAME": os.environ.get("MINI_LMS_DB_NAME", "test"),
        "ATOMIC_REQUESTS": True,
    }
