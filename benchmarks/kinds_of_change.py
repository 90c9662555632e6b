"""What a migration may do to a table that grows with use, and what it may not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import models
from django.db.migrations.operations import AddConstraint, AddField, AddIndex, CreateModel
from django.db.migrations.operations.base import Operation

from token_payments.db.online_indexes import AddIndexOnline
from token_payments.models import LedgerEntry, TokenCode

LABEL = "token_payments"
INDEX = models.Index(fields=("last_four",), name="bench_last_four")
CHECK = models.CheckConstraint(condition=~models.Q(last_four="ZZZZ"), name="bench_last_four_known")


@dataclass(frozen=True)
class Kind:
    """One change of ``model``; ``is_allowed`` by docs/decisions/0034."""

    name: str
    model: type[models.Model]
    make: Callable[[], Operation]
    is_allowed: bool = True


def _column(model: type[models.Model], field: models.Field) -> Callable[[], Operation]:
    return lambda: AddField(model._meta.model_name or "", "bench", field)


def _reference() -> models.ForeignKey:
    return models.ForeignKey(
        f"{LABEL}.TokenOrder", models.PROTECT, null=True, related_name="+", db_constraint=False,
        db_index=False,
    )  # fmt: skip


def _child() -> Operation:
    return CreateModel(
        "BenchNote",
        [
            ("id", models.BigAutoField(primary_key=True)),
            ("code", models.ForeignKey(f"{LABEL}.TokenCode", models.PROTECT, related_name="+")),
        ],
    )


KINDS = (
    *(
        kind
        for model in (TokenCode, LedgerEntry)
        for kind in (
            Kind(
                "column that may be NULL",
                model,
                _column(model, models.CharField(max_length=64, null=True)),
            ),
            Kind(
                "text with a default of the database",
                model,
                _column(model, models.CharField(max_length=16, db_default="new")),
            ),
            Kind(
                "number with a default of the database",
                model,
                _column(model, models.IntegerField(db_default=0)),
            ),
            Kind("reference without a foreign key", model, _column(model, _reference())),
        )
    ),
    Kind("index, online", TokenCode, lambda: AddIndexOnline("tokencode", INDEX)),
    Kind(
        "index, online",
        LedgerEntry,
        lambda: AddIndexOnline(
            "ledgerentry", models.Index(fields=("created_at",), name="bench_created")
        ),
    ),
    Kind("new table that refers to it", TokenCode, _child),
    Kind(
        "column that only Python fills",
        LedgerEntry,
        _column(LedgerEntry, models.IntegerField(default=0)),
        is_allowed=False,
    ),
    Kind(
        "positive number with a default",
        TokenCode,
        _column(TokenCode, models.PositiveIntegerField(db_default=0)),
        is_allowed=False,
    ),
    Kind("index, plain", TokenCode, lambda: AddIndex("tokencode", INDEX), is_allowed=False),
    Kind("check", TokenCode, lambda: AddConstraint("tokencode", CHECK), is_allowed=False),
    Kind(
        "reference with a foreign key",
        TokenCode,
        _column(
            TokenCode,
            models.ForeignKey(f"{LABEL}.TokenOrder", models.PROTECT, null=True, related_name="+"),
        ),
        is_allowed=False,
    ),
)
