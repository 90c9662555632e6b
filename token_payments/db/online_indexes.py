"""Changes of tables while others write to them: docs/decisions/0034 says which there may be."""

from __future__ import annotations

from typing import Any

from django.db import NotSupportedError
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddIndex
from django.db.migrations.state import ProjectState


class AddIndexOnline(AddIndex):
    """An index that is made while others write: CONCURRENTLY on PostgreSQL, as always elsewhere.

    MariaDB and MySQL let others write by themselves. PostgreSQL doesn't do it in a transaction, so
    its migration is ``atomic = False`` and has no other operation; run again after it broke off,
    it removes what was left.
    """

    atomic = False

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        _refuse_transaction(schema_editor)
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            if _is_left_over(schema_editor, self.index.name):
                _remove_index(schema_editor, model, self.index)
            schema_editor.add_index(model, self.index, concurrently=True)  # type: ignore[call-arg]

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
            return
        _refuse_transaction(schema_editor)
        model = from_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            _remove_index(schema_editor, model, self.index)

    def describe(self) -> str:
        return f"{super().describe()}, while others write"


def _remove_index(schema_editor: Any, model: Any, index: Any) -> None:
    schema_editor.remove_index(model, index, concurrently=True)


def _refuse_transaction(schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.in_atomic_block:
        raise NotSupportedError("AddIndexOnline needs a migration with atomic = False")


def _is_left_over(schema_editor: BaseDatabaseSchemaEditor, name: str) -> bool:
    """Whether an attempt that broke off left the index, which PostgreSQL never uses."""
    if schema_editor.collect_sql:
        return False
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(%s) AND NOT indisvalid",
            [schema_editor.quote_name(name)],
        )
        return cursor.fetchone() is not None
