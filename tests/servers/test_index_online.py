"""An index that is made while others write."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import NotSupportedError, connection, models, transaction
from django.db.migrations.loader import MigrationLoader

from token_payments.db.online_indexes import AddIndexOnline

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

TABLE = "token_payments_notice"
NAME = "online_claimed_at"


def is_there() -> bool:
    with connection.cursor() as cursor:
        constraints: dict[str, Any] = connection.introspection.get_constraints(cursor, TABLE)
    return NAME in constraints


def change(*, back: bool = False, atomic: bool = False) -> None:
    index = AddIndexOnline("notice", models.Index(fields=["claimed_at"], name=NAME))
    before = MigrationLoader(None).project_state()
    after = before.clone()
    index.state_forwards("token_payments", after)
    with connection.schema_editor(atomic=atomic) as editor:
        if back:
            index.database_backwards("token_payments", editor, after, before)
        else:
            index.database_forwards("token_payments", editor, before, after)


def test_there_and_back() -> None:
    change()
    assert is_there()
    change(back=True)
    assert not is_there()


def test_what_an_attempt_left_that_broke_off_is_made_anew() -> None:
    if connection.vendor != "postgresql":
        return  # there an index is made whole or not at all
    change()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass", [NAME]
        )
        change()
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = %s::regclass", [NAME])
        assert cursor.fetchone() == (True,)
    change(back=True)


def test_in_a_transaction_postgresql_refuses_it() -> None:
    if connection.vendor != "postgresql":
        return
    with transaction.atomic(), pytest.raises(NotSupportedError):
        change()
    assert not is_there()
