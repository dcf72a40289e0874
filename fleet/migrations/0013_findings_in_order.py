"""What is equal in the order of a list of findings stands in an order all the same."""

from __future__ import annotations

from django.db import migrations, models

from fleet.schema import AddIndexOnline, RemoveIndexOnline


class Migration(migrations.Migration):
    atomic = False  # as CONCURRENTLY wants it; each operation may be begun again

    dependencies = [("fleet", "0012_answer_sheets")]

    operations = [
        AddIndexOnline(
            model_name="finding",
            index=models.Index(fields=["status", "severity_rank", "rule", "id"], name="findings_worst_first"),
        ),
        RemoveIndexOnline(model_name="finding", name="fleet_findi_status_53cae0_idx"),
    ]
