"""What is short of a container stays in its row, where PostgreSQL put it beside the facts: a row is longer than 512 bytes
without its long values, too, so that all others of more than a few bytes went after them. A sweep of a host reads these
of each of its containers.
"""

from __future__ import annotations

from django.db import migrations

from fleet.schema import KeepInRow


class Migration(migrations.Migration):
    atomic = False  # as operations of fleet.schema want it; each may be begun again

    dependencies = [("fleet", "0028_standings_by_digest")]

    operations = [
        KeepInRow("container", ("engine_id", "name", "image_reference", "remembered", "restart_marks")),
    ]
