"""Which hosts have an image is asked when something was found out about it, and was answered by reading all images."""

from __future__ import annotations

from django.db import migrations, models

from fleet.schema import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False  # as CONCURRENTLY wants it

    dependencies = [("fleet", "0022_scans"), ("fleet", "0023_trust_drafts")]

    operations = [AddIndexOnline(model_name="image", index=models.Index(fields=["engine_id"], name="images_by_id"))]
