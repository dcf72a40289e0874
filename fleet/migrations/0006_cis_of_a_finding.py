"""A finding may violate no item of the benchmark at all, so an empty list can no longer stand for all of them."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models


def all_is_null(apps: Any, schema_editor: Any) -> None:
    apps.get_model("fleet", "Finding").objects.filter(cis=[]).update(cis=None)


def all_is_empty(apps: Any, schema_editor: Any) -> None:
    apps.get_model("fleet", "Finding").objects.filter(cis__isnull=True).update(cis=[])


class Migration(migrations.Migration):
    dependencies = [("fleet", "0005_governance")]
    operations = [
        migrations.AlterField("finding", "cis", models.JSONField(blank=True, null=True)),
        migrations.RunPython(all_is_null, all_is_empty),
    ]
