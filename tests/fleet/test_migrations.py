"""No migration keeps a big table from those who use it, and the judge of that knows what does."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.db.models.functions import Now

from fleet.schema import AddCheckOnline, AddIndexOnline, CompressQuickly, DropOwnIndexOnline, KeepInRow, StoreParameters
from tests.locking import LOOKED_AT, SMALL, refused


def ours() -> list[tuple[migrations.Migration, ProjectState]]:
    """Every migration of this app with the state before it, in order."""
    loader = MigrationLoader(None, replace_migrations=True)
    plan = [key for key in loader.graph._generate_plan(loader.graph.leaf_nodes(), at_end=True) if key[0] == "fleet"]
    return [(loader.get_migration(*key), loader.project_state(key, at_end=False)) for key in plan]


@pytest.mark.parametrize(("migration", "state"), [pytest.param(*one, id=one[0].name) for one in ours()])
def test_no_migration_locks_a_big_table(migration: migrations.Migration, state: ProjectState) -> None:
    assert list(refused(migration, state)) == []


def test_what_was_looked_at_and_what_is_small_is_there() -> None:
    assert set(LOOKED_AT) <= {migration.name for migration, _ in ours()}
    (last, state) = ours()[-1]
    assert {("fleet", name) for name in SMALL} <= set(last.mutate_state(state).models)


CREATE = migrations.CreateModel(
    "Row",
    [
        ("id", models.BigAutoField(primary_key=True)),
        ("size", models.IntegerField()),
        ("name", models.CharField(max_length=9)),
    ],
)
INDEX = models.Index(fields=["size"], name="by_size")
CHECK = models.CheckConstraint(condition=models.Q(size__gte=0), name="no_less_than_nothing")


def told(*operations: Any, atomic: bool = True, table: str = "Row", name: str = "9999_test") -> str:
    """What is said of a migration of a table that is there already."""
    state = ProjectState()
    create = migrations.CreateModel(table, CREATE.fields)
    create.state_forwards("fleet", state)
    migrations.AddIndex(table, models.Index(fields=["name"], name="by_name")).state_forwards("fleet", state)
    migration = migrations.Migration(name, "fleet")
    migration.operations, migration.atomic = list(operations), atomic
    return " ".join(refused(migration, state))


@pytest.mark.parametrize(
    ("operation", "why"),
    [
        (migrations.AddIndex("row", INDEX), "AddIndexOnline"),
        (migrations.RemoveIndex("row", "by_name"), "RemoveIndexOnline"),
        (migrations.AddConstraint("row", CHECK), "AddCheckOnline"),
        (migrations.AddConstraint("row", models.UniqueConstraint(fields=["size"], name="one")), "unique"),
        (migrations.AddField("row", "new", models.CharField(max_length=9, default="")), "db_default"),
        (migrations.AddField("row", "new", models.IntegerField(null=True, db_index=True)), "AddIndexOnline"),
        (migrations.AddField("row", "new", models.IntegerField(null=True, unique=True)), "AddIndexOnline"),
        (migrations.AddField("row", "new", models.ForeignKey("fleet.Row", models.CASCADE, null=True)), "index"),
        (migrations.AddField("row", "new", models.PositiveIntegerField(null=True)), "IntegerField"),
        (migrations.AddField("row", "new", models.DateTimeField(db_default=Now())), "plain value"),
        (migrations.AlterField("row", "size", models.BigIntegerField()), "type"),
        (migrations.AlterField("row", "size", models.IntegerField(db_index=True)), "db_index"),
        (migrations.AlterField("row", "name", models.CharField(max_length=8)), "max_length"),
        (migrations.AlterUniqueTogether("row", {("size", "name")}), "nobody knows"),
        (migrations.RunPython(migrations.RunPython.noop), "LOOKED_AT"),
        (migrations.RunSQL("UPDATE fleet_row SET size = 1"), "LOOKED_AT"),
        (AddIndexOnline("row", INDEX), "atomic = False"),
        (StoreParameters("row", {"fillfactor": 50}), "atomic = False"),
        (KeepInRow("row", ("name",)), "atomic = False"),
        (CompressQuickly("row", ("name",)), "atomic = False"),
    ],
)  # fmt: skip
def test_what_locks_is_refused(operation: Any, why: str) -> None:
    assert why in told(operation)


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("row", "new", models.IntegerField(null=True)),
        migrations.AddField("row", "new", models.CharField(max_length=9, default="", db_default="")),
        migrations.AddField("row", "new", models.ForeignKey("fleet.Row", models.CASCADE, null=True, db_index=False)),
        migrations.AddField("row", "new", models.ManyToManyField("fleet.Row")),
        migrations.AlterField("row", "name", models.CharField(max_length=10, choices=[("a", "A")], default="a")),
        migrations.AlterField("row", "size", models.IntegerField(null=True, help_text="Of something.")),
        migrations.RemoveField("row", "size"),
        migrations.DeleteModel("row"),
        migrations.AlterModelOptions("row", {"ordering": ["name"]}),
    ],
)
def test_what_changes_no_row_is_not_refused(operation: Any) -> None:
    assert told(operation) == ""


def test_a_table_that_is_new_or_small_may_be_locked() -> None:
    assert told(migrations.AddIndex("host", INDEX), table="Host") == ""
    assert told(migrations.CreateModel("Other", CREATE.fields), migrations.AddIndex("other", INDEX)) == ""


def test_long_columns_of_a_new_table_come_last() -> None:
    fields = [*CREATE.fields, ("facts", models.JSONField()), ("state", models.CharField(max_length=9))]
    assert "come last" in told(migrations.CreateModel("Other", fields))


def test_outside_a_transaction_only_what_can_be_begun_again_is_done() -> None:
    assert told(AddIndexOnline("row", INDEX), AddCheckOnline("row", CHECK), atomic=False) == ""
    assert "begun again" in told(migrations.AddField("row", "new", models.IntegerField(null=True)), atomic=False)
    assert "begun again" in told(migrations.AddIndex("host", INDEX), table="Host", atomic=False)


def test_a_field_that_loses_its_index_stays_the_same_otherwise() -> None:
    assert "null" in told(
        DropOwnIndexOnline("row", "size", models.IntegerField(null=True, db_index=False)), atomic=False
    )


def test_work_on_data_is_done_where_somebody_looked_at_it() -> None:
    assert told(migrations.RunPython(migrations.RunPython.noop), name=next(iter(LOOKED_AT))) == ""
