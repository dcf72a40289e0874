"""Which networks and volumes of a host are known, so that not all of them are asked for with each new container."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fleet", "0026_trust_since")]

    operations = [
        migrations.AddField(
            model_name="host",
            name="attached",
            field=models.JSONField(blank=True, db_default=[], default=list, editable=False),
        ),
    ]
