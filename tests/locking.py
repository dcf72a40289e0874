"""Which operations of a migration would keep a big table from those who use it; judged as operations, not as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.db import models
from django.db.migrations import Migration
from django.db.migrations import operations as plain
from django.db.migrations.state import ProjectState

from fleet.schema import DropOwnIndexOnline, Online

#: Tables of which a thousand hosts have some ten thousand rows at most: a moment's lock is a moment. Others are big.
SMALL: Final = frozenset({
    "apitoken", "day", "environment", "evidencepack", "host", "policyversion", "preferences", "referencetable",
    "ruleday", "service", "signoflife", "trial", "waiver", "waiverapproval",
})  # fmt: skip
#: Work on data that somebody looked at: what it touches is small, or is done some rows at a time.
LOOKED_AT: Final = {
    "0002_first_environments": "adds four rows",
    "0012_answer_sheets": "a short column of each host and service",
    "0017_where_services_keep_their_state": "adds a short row for each service",
    "0028_standings_by_digest": "a setting of a table, beside whoever reads and writes it",
}
#: These change the catalogue of the database and no row of the table.
MOMENTARY: Final = (
    plain.DeleteModel, plain.RemoveField, plain.RemoveConstraint, plain.RenameField, plain.RenameModel,
    plain.RenameIndex, plain.AlterModelOptions, plain.AlterModelManagers, plain.AlterModelTable,
)  # fmt: skip
LONG: Final = (models.JSONField, models.TextField, models.BinaryField)


def refused(migration: Migration, state: ProjectState) -> Iterator[str]:
    """A sentence for each operation that locks; `state` is that of before, and afterwards that of after."""
    made: set[str] = set()
    for operation in migration.operations:
        before = state.clone()
        operation.state_forwards(migration.app_label, state)
        if isinstance(operation, plain.CreateModel):
            made.add(operation.name_lower)
            why = _order_of_columns(operation)
        elif isinstance(operation, plain.RunPython | plain.RunSQL | plain.SeparateDatabaseAndState):
            why = "" if migration.name in LOOKED_AT else "nobody has looked at what it does: see LOOKED_AT"
        elif isinstance(operation, Online):
            why = _online(operation, before, migration)
        elif not migration.atomic:
            why = "without a transaction only operations of fleet.schema can be begun again"
        elif _model(operation) in made | SMALL or isinstance(operation, MOMENTARY):
            why = ""
        else:
            why = _on_a_big_table(operation, before, migration)
        if why:
            yield f"{migration.name}: {operation.describe()}: {why}"


def _model(operation: Any) -> str:
    return str(getattr(operation, "model_name", getattr(operation, "name", ""))).lower()


def _order_of_columns(operation: plain.CreateModel) -> str:
    long = [isinstance(field, LONG) for _, field in operation.fields]
    return "" if long == sorted(long) else "columns that may be long come last, or SQLite reads through them"


def _online(operation: Any, before: ProjectState, migration: Migration) -> str:
    if migration.atomic:
        return "its migration needs `atomic = False`"
    if isinstance(operation, DropOwnIndexOnline):
        differing = _differing(_field(before, migration, operation), operation.field)
        if differing != {"db_index"}:
            return f"only db_index may differ, and {', '.join(sorted(differing))} does"
    return ""


def _field(state: ProjectState, migration: Migration, operation: Any) -> models.Field[Any, Any]:
    found: models.Field[Any, Any] = state.models[migration.app_label, operation.model_name_lower].fields[operation.name]
    return found


def _differing(old: models.Field[Any, Any], new: models.Field[Any, Any]) -> set[str]:
    """Attributes of which the database is told. A default is Django's own affair."""
    (_, was, _, before), (_, becomes, _, after) = old.deconstruct(), new.deconstruct()
    ignored = {*old.non_db_attrs, "default", "auto_now", "auto_now_add"}
    differing = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} - ignored
    return differing | ({"type"} if was != becomes else set())


def _on_a_big_table(operation: Any, before: ProjectState, migration: Migration) -> str:
    if isinstance(operation, plain.AddField):
        return _new_column(operation.field)
    if isinstance(operation, plain.AlterField):
        return _changed_column(_field(before, migration, operation), operation.field)
    if isinstance(operation, plain.AddIndex | plain.RemoveIndex):
        return "use AddIndexOnline or RemoveIndexOnline"
    if isinstance(operation, plain.AddConstraint):
        return "a check is added by AddCheckOnline; unique columns belong into a table's making"
    return "nobody knows what it locks"


#: Each comes with a check of its own.
_CHECKED: Final = (models.PositiveIntegerField, models.PositiveBigIntegerField, models.PositiveSmallIntegerField)


def _new_column(field: models.Field[Any, Any]) -> str:
    if isinstance(field, models.ManyToManyField):
        return ""  # a table of its own
    found = {
        "PostgreSQL writes every row anew": isinstance(field, models.GeneratedField),
        "its index is made under a lock: db_index=False, and AddIndexOnline afterwards": field.unique or field.db_index,
        "its check reads the table under a lock: IntegerField or SmallIntegerField": isinstance(field, _CHECKED),
        "PostgreSQL may work the default out for every row: take a plain value": field.has_db_default()
        and hasattr(field.db_default, "resolve_expression"),
        "give it db_default, so that older processes can still insert rows, or null=True": not field.null
        and not field.has_db_default(),
    }
    return next((why for why, holds in found.items() if holds), "")


def _changed_column(old: models.Field[Any, Any], new: models.Field[Any, Any]) -> str:
    differing = _differing(old, new) - {"db_default"}
    if new.null and not old.null:
        differing -= {"null"}
    if "max_length" in differing and (new.max_length or 0) > (old.max_length or 0):
        differing -= {"max_length"}
    return f"{', '.join(sorted(differing))} cannot change without every row being read" if differing else ""
