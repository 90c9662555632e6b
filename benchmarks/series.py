"""Many rows at once, written by the database itself from a series of numbers."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Model

#: In an expression: the number of the row, from 0.
N = "n"


def insert_series(model: type[Model], count: int, *, start: int = 0, **expressions: str) -> None:
    """Write ``count`` rows; ``expressions`` gives columns in SQL, over ``n`` from ``start`` on.

    Columns not given have the field's default, NULL where it may be NULL. A ``%`` is written twice.
    """
    columns: list[str] = []
    parts: list[str] = []
    values: list[Any] = []
    quote = connection.ops.quote_name
    for field in model._meta.concrete_fields:
        if field.primary_key or field.column is None:
            continue
        if field.name in expressions:
            parts.append(expressions[field.name])
        elif field.null and not field.has_default():
            continue
        else:
            parts.append("%s")
            values.append(field.get_db_prep_save(field.get_default(), connection))
        columns.append(quote(field.column))
    sql = (
        f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(columns)}) "
        f"SELECT {', '.join(parts)} FROM ({_series(count, start)}) AS numbers"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def write_random() -> str:
    """An expression for 32 random hexadecimal digits, another for each row."""
    return {
        "sqlite": "lower(hex(randomblob(16)))",
        "postgresql": "replace(gen_random_uuid()::text, '-', '')",
    }.get(connection.vendor, "md5(concat(rand(), n))")


def write_digits() -> str:
    """An expression for 32 hexadecimal digits that grow with the number of the row: no index of
    them has to be read from the disk while it grows.
    """
    number = {"sqlite": "printf('%%x', n)", "postgresql": "to_hex(n)"}
    return f"lpad({number.get(connection.vendor, 'hex(n)')}, 32, '0')"


def write_uuid_of_digits() -> str:
    """The same for a UUIDField."""
    cast = "::uuid" if connection.vendor == "postgresql" else ""
    return f"{write_digits()}{cast}"


def write_uuid() -> str:
    """An expression for a value of a UUIDField, another for each row."""
    return {
        "sqlite": "lower(hex(randomblob(16)))",
        "postgresql": "gen_random_uuid()",
    }.get(
        connection.vendor, "uuid()" if connection.features.has_native_uuid_field else write_random()
    )


def write_value(field_of: type[Model], name: str, value: Any) -> str:
    """A literal of our own making for a column, e.g. a time."""
    field = field_of._meta.get_field(name)
    prepared = field.get_db_prep_save(value, connection)  # type: ignore[union-attr]
    if connection.vendor == "postgresql" and not isinstance(prepared, (int, str)):
        prepared = f"{prepared.isoformat()}"
    return str(prepared) if isinstance(prepared, int) else f"'{prepared}'"


def _series(count: int, start: int) -> str:
    """Numbers by joining tables of ten digits, which every database can."""
    digits = " UNION ALL ".join(f"SELECT {digit} AS d" for digit in range(10))
    places = len(str(count - 1))
    number = " + ".join(f"t{place}.d * {10**place}" for place in range(places))
    tables = " CROSS JOIN ".join(f"({digits}) AS t{place}" for place in range(places))
    return f"SELECT {number} + {start} AS n FROM {tables} WHERE {number} < {count}"
