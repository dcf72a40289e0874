"""Indexes that only PostgreSQL has: of containers with a trait, and of parts of names."""

from __future__ import annotations

import logging
from typing import Any

from django.db import DatabaseError, migrations, transaction

from fleet.models.traits import HasPowers, OpensDoors

_TRAITS = {"containers_with_doors": OpensDoors.on_postgresql, "containers_with_powers": HasPowers.on_postgresql}
_PARTS = {
    "containers_by_part_of_name": ("fleet_container", "name"),
    "containers_by_part_of_image": ("fleet_container", "image_reference"),
    "services_by_part_of_name": ("fleet_service", "name"),
}
_NO_TRIGRAMS = (
    "The extension pg_trgm may not be created here (%s). Everything is found all the same, but searching a fleet of"
    " hundreds of thousands of containers for a part of a name takes seconds. A superuser can CREATE EXTENSION pg_trgm;"
    " then migrate fleet back to the migration before this one, and again."
)


def make(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    for name, path in _TRAITS.items():
        schema_editor.execute(
            f"CREATE INDEX {name} ON fleet_container (host_id, name)"
            f" WHERE gone_at IS NULL AND expected_running AND jsonb_path_exists(facts, '{path}')"
        )
    try:
        with transaction.atomic(using=schema_editor.connection.alias):
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DatabaseError as error:
        logging.getLogger("loadline").warning(_NO_TRIGRAMS, str(error).strip().splitlines()[0])
        return
    for name, (table, column) in _PARTS.items():
        schema_editor.execute(f"CREATE INDEX {name} ON {table} USING gin (upper({column}::text) gin_trgm_ops)")


def drop(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for name in (*_TRAITS, *_PARTS):
            schema_editor.execute(f"DROP INDEX IF EXISTS {name}")


class Migration(migrations.Migration):
    dependencies = [("fleet", "0013_indexes_of_lists")]
    operations = [migrations.RunPython(make, drop)]
