"""Indexes that only PostgreSQL has: of containers with a trait, and of parts of names."""

from __future__ import annotations

from django.db import migrations

from fleet.models.traits import HasPowers, OpensDoors
from fleet.schema import AddOwnWordsIndexOnline

_WITH_TRAIT = "(host_id, name) WHERE gone_at IS NULL AND expected_running AND jsonb_path_exists(facts, '{}')"
_PARTS_OF = "USING gin (upper({}::text) gin_trgm_ops)"


class Migration(migrations.Migration):
    atomic = False  # as CONCURRENTLY wants it; each operation may be begun again

    dependencies = [("fleet", "0006_indexes_of_lists")]

    operations = [
        AddOwnWordsIndexOnline("container", "containers_with_doors", _WITH_TRAIT.format(OpensDoors.on_postgresql)),
        AddOwnWordsIndexOnline("container", "containers_with_powers", _WITH_TRAIT.format(HasPowers.on_postgresql)),
        AddOwnWordsIndexOnline("container", "containers_by_part_of_name", _PARTS_OF.format("name"), extension="pg_trgm"),
        AddOwnWordsIndexOnline(
            "container", "containers_by_part_of_image", _PARTS_OF.format("image_reference"), extension="pg_trgm"
        ),
        AddOwnWordsIndexOnline("service", "services_by_part_of_name", _PARTS_OF.format("name"), extension="pg_trgm"),
    ]
