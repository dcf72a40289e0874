"""Indexes for a thousand hosts: new ones that retention, `catch_up` and a host's page look into; none twice; and none
on what every sweep writes to a host, so that PostgreSQL renews a row where it stands, with room for that on each page.
Long values stand apart, so that the rows of a fleet that is counted and listed are a fifth of the pages.
"""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

from fleet.schema import AddIndexOnline, DropOwnIndexOnline, RemoveIndexOnline, StoreParameters

LONG_VALUES_APART = {"toast_tuple_target": 512}
# A fifth of a table may be dead before PostgreSQL looks after it: of findings that would be a million rows.
LOOKED_AFTER = {"autovacuum_vacuum_scale_factor": 0.02, "autovacuum_analyze_scale_factor": 0.02}


class Migration(migrations.Migration):
    atomic = False  # as CONCURRENTLY wants it; each operation may be begun again

    dependencies = [("fleet", "0002_first_environments")]

    operations = [
        AddIndexOnline("finding", models.Index(fields=["host", "container"], name="findings_of_a_host")),
        AddIndexOnline("image", models.Index(condition=models.Q(("gone_at__isnull", False)), fields=["gone_at"], name="gone_images")),
        AddIndexOnline("network", models.Index(condition=models.Q(("gone_at__isnull", False)), fields=["gone_at"], name="gone_networks")),
        AddIndexOnline("service", models.Index(condition=models.Q(("hosts_answered", False)), fields=["name"], name="services_of_silent_hosts")),
        AddIndexOnline("service", models.Index(condition=models.Q(("settles_at__isnull", False)), fields=["settles_at"], name="services_that_settle")),
        AddIndexOnline("volume", models.Index(condition=models.Q(("gone_at__isnull", False)), fields=["gone_at"], name="gone_volumes")),
        # Each of these is the beginning of another.
        DropOwnIndexOnline("change", "host", models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="fleet.host")),
        DropOwnIndexOnline("change", "service", models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="fleet.service")),
        DropOwnIndexOnline("container", "host", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="%(class)ss", to="fleet.host")),
        DropOwnIndexOnline("container", "service", models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="containers", to="fleet.service")),
        DropOwnIndexOnline("finding", "host", models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="findings", to="fleet.host")),
        DropOwnIndexOnline("image", "host", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="%(class)ss", to="fleet.host")),
        DropOwnIndexOnline("network", "host", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="%(class)ss", to="fleet.host")),
        DropOwnIndexOnline("volume", "host", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="%(class)ss", to="fleet.host")),
        # Written by every sweep.
        DropOwnIndexOnline("host", "next_sweep_at", models.DateTimeField()),
        RemoveIndexOnline("host", "fleet_host_answere_426dae_idx"),
        StoreParameters("host", {"fillfactor": 50, **LONG_VALUES_APART}),
        StoreParameters("container", {"fillfactor": 85, **LONG_VALUES_APART, **LOOKED_AFTER}),
        StoreParameters("service", {"fillfactor": 85, **LONG_VALUES_APART}),
        StoreParameters("finding", LOOKED_AFTER),
    ]
