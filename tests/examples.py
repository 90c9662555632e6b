"""How many examples the tests of properties try."""

from __future__ import annotations

import os


def count_examples(many: int) -> int:
    """All of them on a database server, as CI has the whole suite; half of them on SQLite."""
    return many if os.environ.get("MINI_LMS_DATABASE", "sqlite") != "sqlite" else many // 2
