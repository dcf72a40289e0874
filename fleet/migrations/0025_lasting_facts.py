"""A service is judged by what lasts of its members: one that restarted is no news to it."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fleet", "0024_images_by_id")]

    operations = [
        migrations.AddField(
            model_name="container",
            name="lasting_hash",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=16),
        )
    ]
