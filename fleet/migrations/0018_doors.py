"""What a service shows to the outside stands with it."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fleet", "0017_where_services_keep_their_state")]

    operations = [
        migrations.AddField("service", "doors", models.JSONField(editable=False, null=True)),
        migrations.AddField("service", "doors_total", models.IntegerField(editable=False, null=True)),
        migrations.AddIndex(
            model_name="service",
            index=models.Index(fields=["name"], condition=models.Q(("doors_total__gt", 0)), name="services_with_doors"),
        ),
    ]
