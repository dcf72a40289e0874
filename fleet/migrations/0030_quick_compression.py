"""What is long is compressed with lz4 from now on: PostgreSQL's own way took a twelfth of all that a large fleet's sweeps
cost the database.
"""

from __future__ import annotations

from django.db import migrations

from fleet.schema import CompressQuickly


class Migration(migrations.Migration):
    atomic = False  # as operations of fleet.schema want it; each may be begun again

    dependencies = [("fleet", "0029_short_values_in_the_row")]

    operations = [
        CompressQuickly("container", ("facts", "own_standing", "standing", "as_neighbour", "remembered")),
        CompressQuickly("image", ("facts", "own_standing")),
        CompressQuickly("network", ("facts", "own_standing")),
        CompressQuickly("volume", ("facts", "own_standing")),
        CompressQuickly("host", ("facts", "swarm", "standing", "own_standing", "images_inspected", "attached", "asked")),
        CompressQuickly("service", ("standing", "own_standing", "state_evidence", "doors", "ties")),
        CompressQuickly("answerpattern", ("answers",)),
        CompressQuickly("finding", ("evidence",)),
    ]
