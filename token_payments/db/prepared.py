"""Statements whose SQL is made once: those that every payment runs.

To make the SQL of a queryset takes Django several times as long as the database takes to answer it.
A ``Prepared`` read is written as a queryset all the same; only its values change from one run to
the next. ``insert_row`` and ``insert_rows`` are ``save`` and ``bulk_create`` without what those do
for models of every kind: no signals, no parents, no defaults of the database.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet

#: What stands for a value while the SQL is made, by its type: found again in the SQL's parameters.
_SAMPLES: dict[type, Callable[[int], Any]] = {
    int: lambda number: 2_147_000_000 + number,
    str: lambda number: f"value {number}",
    datetime: lambda number: datetime(2999, 1, 1, tzinfo=UTC) + timedelta(days=number),
}


class Prepared:
    """A read of columns; ``build`` makes its ``values_list`` of values that have these types.

    A value may stand in it several times, as it is: it must not decide what the SQL is.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], **types: type) -> None:
        self._build, self._types = build, types
        self._made: dict[str, _Made] = {}

    def fetch(self, **values: Any) -> list[tuple[Any, ...]]:
        """The rows for these values, with Python's types, as the queryset would give them."""
        made = self._made.get(connection.vendor) or self._make()
        given = {name: _adapt(value) for name, value in values.items()}
        parameters = [given[name] if name else value for name, value in made.parameters]
        with connection.cursor() as cursor:
            cursor.execute(made.sql, parameters)
            rows = cursor.fetchall()
        if not made.converters:
            return list(rows)
        converted = [list(row) for row in rows]
        for position, (converters, column) in made.converters.items():
            for row in converted:
                for converter in converters:
                    row[position] = converter(row[position], column, connection)
        return [tuple(row) for row in converted]

    def _make(self) -> _Made:
        samples = {
            name: _make_sample(kind, number)
            for number, (name, kind) in enumerate(self._types.items())
        }
        query = self._build(**samples).query
        compiler = query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        names = {_adapt(sample): name for name, sample in samples.items()}
        columns = [column for column, _sql, _alias in compiler.select]
        made = _Made(
            sql=sql,
            parameters=[(names.get(value, ""), value) for value in parameters],
            converters=compiler.get_converters(columns),
        )
        if {name for name, _value in made.parameters if name} != set(samples):
            raise RuntimeError(f"not every value is found in {sql}")
        self._made[connection.vendor] = made
        return made


@dataclass(frozen=True)
class _Made:
    """SQL with the name of each parameter's value, "" for a constant; converters by column."""

    sql: str
    parameters: Sequence[tuple[str, Any]]
    converters: dict[int, tuple[Sequence[Callable[..., Any]], Any]]


def insert_row(row: Model) -> None:
    """Insert a new object of a model with an automatic key, which it gets."""
    returned = _insert([row], wants_key=True)
    row.pk = returned
    row._state.adding, row._state.db = False, connection.alias


def insert_rows(rows: Sequence[Model]) -> None:
    """Insert new objects of one model with an automatic key, which they don't get."""
    _insert(rows, wants_key=False)


def _insert(rows: Sequence[Model], *, wants_key: bool) -> Any:
    head, fields = _describe(type(rows[0]), connection.vendor)
    marks = f"({', '.join(['%s'] * len(fields))})"
    sql = head + ", ".join([marks] * len(rows))
    returns = wants_key and connection.features.can_return_columns_from_insert
    if returns:
        sql += f" RETURNING {connection.ops.quote_name('id')}"
    values = [
        field.get_db_prep_save(field.pre_save(row, add=True), connection)
        for row in rows
        for field in fields
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        if not wants_key:
            return None
        return cursor.fetchone()[0] if returns else cursor.lastrowid


@cache
def _describe(model: type[Model], _vendor: str) -> tuple[str, Sequence[Any]]:
    """The beginning of an INSERT into the model's table, and the fields that it names."""
    name = connection.ops.quote_name
    fields: list[Any] = [field for field in model._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(name(field.column) for field in fields)
    table = name(model._meta.db_table)
    return f"INSERT INTO {table} ({columns}) VALUES ", fields  # noqa: S608 (names are ours)


def _make_sample(kind: type, number: int) -> Any:
    """By subclass: clocks that tests stop have a datetime of their own."""
    return next(make(number) for base, make in _SAMPLES.items() if issubclass(kind, base))


def _adapt(value: Any) -> Any:
    is_time = isinstance(value, datetime)
    return connection.ops.adapt_datetimefield_value(value) if is_time else value
