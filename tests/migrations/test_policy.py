"""Every migration after the first only adds, and keeps nobody waiting on a table that grows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from token_payments.db.online_indexes import AddIndexOnline

LABEL = "token_payments"
FIRST = "0001_initial"
#: Frozen: sites have run it. What it lacks comes in a later one.
FIRST_DIGEST = "1d432a758669b1fc42ed288ac23303f78e418b904f4f3e86564f751d6ffa06a0"

#: Tables that have a row or more for each code, payment or mail: millions.
GROWING = {
    "webhookdelivery",
    "webhookevent",
    "bulkrow",
    "codeassignment",
    "ledgerentry",
    "notice",
    "pendingtask",
    "redemption",
    "redemptionlogentry",
    "storedanswer",
    "tokencode",
    "tokenissue",
    "tokenorder",
    "tokenorderlogentry",
}
#: Operations that change nothing in the database, whatever they say.
STATE_ONLY = (migrations.AlterModelOptions, migrations.AlterModelManagers)


def find_faults(migration: Migration, state: ProjectState) -> Iterator[str]:
    """What docs/decisions/0034 doesn't allow; the state moves on to after the migration."""
    made: set[str] = set()
    if not migration.atomic and len(migration.operations) > 1:
        yield "a migration that isn't atomic has one operation, or it can't be run again"
    for operation in migration.operations:
        after = state.clone()
        operation.state_forwards(LABEL, after)
        if not operation.reversible:
            yield f"{operation.describe()}: there is no way back"
        if isinstance(operation, migrations.CreateModel):
            made.add(operation.name_lower)
        else:
            for fault in judge(operation, made, state, after):
                yield f"{operation.describe()}: {fault}"
        state = after


def judge(
    operation: Operation, made: set[str], before: ProjectState, after: ProjectState
) -> Iterator[str]:
    if isinstance(operation, STATE_ONLY):
        return
    name = getattr(operation, "model_name_lower", "")
    is_growing = name in GROWING and name not in made
    if isinstance(operation, migrations.AddField):
        yield from judge_column(operation.field, is_growing=is_growing)
    elif isinstance(operation, AddIndexOnline):
        return
    elif isinstance(operation, migrations.AddIndex | migrations.AddConstraint):
        if is_growing:
            yield "indexes of tables that grow are made by AddIndexOnline, constraints never"
    elif isinstance(operation, migrations.AlterField):
        old = before.apps.get_model(LABEL, name)._meta.get_field(operation.name)
        new = after.apps.get_model(LABEL, name)._meta.get_field(operation.name)
        if connection.SchemaEditorClass(connection)._field_should_be_altered(old, new):
            yield "columns aren't altered: add another one"
    else:
        yield "only what adds is allowed"


def judge_column(field: models.Field, *, is_growing: bool) -> Iterator[str]:
    if isinstance(field, models.ManyToManyField):
        return  # a table of its own
    if not field.null and not field.has_db_default():
        yield "the release before doesn't fill it: it may be NULL, or has a db_default"
    if not is_growing:
        return
    if field.unique or (field.db_index and not isinstance(field, models.ForeignKey)):
        yield "on a table that grows its index comes after it, by AddIndexOnline"
    if isinstance(field, models.ForeignKey) and (field.db_constraint or field.db_index):
        yield "on a table that grows a reference has db_constraint=False and db_index=False"
    if isinstance(field, models.PositiveIntegerField | models.PositiveSmallIntegerField):
        yield "PostgreSQL reads the whole table for its check: take an IntegerField"


def list_later() -> list[Migration]:
    graph = MigrationLoader(None).graph
    (leaf,) = graph.leaf_nodes(LABEL)
    plan = [node for node in graph.forwards_plan(leaf) if node[0] == LABEL]
    assert plan[0][1] == FIRST
    return [graph.nodes[node] for node in plan[1:]]


@cache
def find_state() -> ProjectState:
    """After all migrations; whoever changes it clones it first."""
    return MigrationLoader(None).project_state()


@pytest.mark.parametrize("migration", list_later(), ids=lambda migration: migration.name)
def test_a_later_migration_only_adds(migration: Migration) -> None:
    before = MigrationLoader(None).project_state((LABEL, migration.name), at_end=False)
    assert list(find_faults(migration, before)) == []


def test_the_first_migration_is_frozen() -> None:
    path = Path(__file__).parents[2] / LABEL / "migrations" / f"{FIRST}.py"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert digest == FIRST_DIGEST, "sites have run it: write another one instead"


def test_numbers_are_consecutive() -> None:
    names = [migration.name for migration in list_later()]
    assert [int(name[:4]) for name in names] == list(range(2, len(names) + 2))


NUMBER = models.IntegerField(null=True)


@pytest.mark.parametrize(
    "operations",
    [
        [migrations.RemoveField("tokencode", "last_four")],
        [migrations.RenameField("tokencode", "last_four", "ending")],
        [migrations.DeleteModel("Notice")],
        [migrations.RenameModel("Notice", "Mail")],
        [migrations.AlterField("tokencode", "last_four", models.CharField(max_length=8))],
        [migrations.AddField("account", "fresh", models.IntegerField(default=0))],
        [migrations.AddField("tokencode", "fresh", models.IntegerField(default=0))],
        [migrations.AddField("tokencode", "fresh", models.IntegerField(null=True, db_index=True))],
        [migrations.AddField("tokencode", "fresh", models.IntegerField(null=True, unique=True))],
        [migrations.AddField("tokencode", "fresh", models.PositiveIntegerField(db_default=0))],
        [
            migrations.AddField(
                "tokencode",
                "fresh",
                models.ForeignKey("token_payments.account", models.PROTECT, null=True),
            )
        ],
        [migrations.AddIndex("tokencode", models.Index(fields=["last_four"], name="x"))],
        [
            migrations.AddConstraint(
                "tokencode", models.CheckConstraint(condition=models.Q(pk__gt=0), name="x")
            )
        ],
        [migrations.RunSQL("DELETE FROM token_payments_notice", migrations.RunSQL.noop)],
        [migrations.RunPython(migrations.RunPython.noop)],
    ],
    ids=lambda operations: operations[0].describe(),
)
def test_what_isnt_allowed_is_found(operations: Sequence[Operation]) -> None:
    migration = Migration("9999_bad", LABEL)
    migration.operations = list(operations)
    assert list(find_faults(migration, find_state()))


def test_two_operations_without_a_transaction_are_found() -> None:
    migration = Migration("9999_bad", LABEL)
    migration.atomic = False
    migration.operations = [
        migrations.AddField("tokencode", "fresh", NUMBER),
        AddIndexOnline("tokencode", models.Index(fields=["fresh"], name="x")),
    ]
    assert list(find_faults(migration, find_state()))


def test_what_is_allowed_isnt_objected_to() -> None:
    migration = Migration("9999_fine", LABEL)
    reference = models.ForeignKey(
        "token_payments.account", models.PROTECT, null=True, db_constraint=False, db_index=False
    )
    migration.operations = [
        migrations.AddField("tokencode", "fresh", NUMBER),
        migrations.AddField("tokencode", "state", models.CharField(max_length=8, db_default="")),
        migrations.AddField("ledgerentry", "payer", reference),
        migrations.AlterModelOptions("account", {"ordering": ("id",)}),
        migrations.AlterField(
            "tokencode", "last_four", models.CharField("ending", max_length=4, blank=True)
        ),
        migrations.CreateModel(
            "Fresh", [("id", models.BigAutoField(primary_key=True)), ("number", NUMBER)]
        ),
        migrations.AddIndex("fresh", models.Index(fields=["number"], name="x")),
        migrations.AddField("account", "parent", models.ForeignKey("self", models.PROTECT, null=True)),
    ]
    assert list(find_faults(migration, find_state())) == []
