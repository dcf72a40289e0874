"""How far each service is from running on another engine, and what ties it to the one it has."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fleet", "0018_doors")]

    operations = [
        migrations.AddField(
            model_name="service",
            name="distance",
            field=models.CharField(
                choices=[
                    ("free", "free"),
                    ("drop-in", "drop-in"),
                    ("configuration", "configuration"),
                    ("rework", "rework"),
                    ("unknown", "unknown"),
                ],
                db_default="unknown",
                default="unknown",
                max_length=13,
            ),
        ),
        migrations.AddField(
            model_name="service",
            name="ties",
            field=models.JSONField(blank=True, default=dict, editable=False),
        ),
    ]
