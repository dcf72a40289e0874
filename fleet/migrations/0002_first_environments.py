"""The four environments everybody starts with."""

from __future__ import annotations

from typing import Any

from django.db import migrations

FIRST = [
    ("Production", "production", "production", 10),
    ("Staging", "staging", "staging", 20),
    ("Test", "test", "experiment", 30),
    ("Development", "development", "experiment", 40),
]


def add(apps: Any, schema_editor: Any) -> None:
    environment = apps.get_model("fleet", "Environment")
    for name, slug, stage, position in FIRST:
        environment.objects.get_or_create(slug=slug, defaults={"name": name, "stage": stage, "position": position})


class Migration(migrations.Migration):
    dependencies = [("fleet", "0001_tables")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
