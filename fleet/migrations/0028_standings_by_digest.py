"""A digest beside each standing: rows mostly stand alike, and whoever adds up many reads each kind once."""

from __future__ import annotations

from django.db import migrations, models


def _digest() -> models.CharField:
    return models.CharField(blank=True, db_default="", default="", editable=False, max_length=16)


def _leave_room(apps, schema_editor) -> None:
    """A service's row changes with its containers, while hardly any of its twenty indexes has to: with room in its page
    none is touched. Pages that are full get it as they are written anew.
    """
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE fleet_service SET (fillfactor = 70)")


class Migration(migrations.Migration):
    dependencies = [("fleet", "0027_attached")]

    operations = [
        migrations.AddField(model_name="container", name="standing_hash", field=_digest()),
        migrations.AddField(model_name="host", name="standing_hash", field=_digest()),
        migrations.AddField(model_name="service", name="standing_hash", field=_digest()),
        migrations.RunPython(_leave_room, migrations.RunPython.noop, elidable=True),
    ]
