"""Drafts of trust roots, and questions to registries and Notary servers that somebody waits for."""

from __future__ import annotations

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("fleet", "0021_proof_told"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TrustDraft",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("based_on", models.PositiveIntegerField(default=0)),
                ("made_at", models.DateTimeField()),
                ("asked_at", models.DateTimeField()),
                ("preview_state", models.CharField(blank=True, max_length=7)),
                ("name", models.CharField(max_length=100)),
                ("author_name", models.CharField(blank=True, max_length=150)),
                (
                    "author",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "root",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="drafts",
                        to="fleet.trustroot",
                    ),
                ),
                ("document", models.JSONField(default=dict)),
                ("preview", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ["-made_at"],
            },
        ),
        migrations.CreateModel(
            name="TrustTrial",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(choices=[("registry", "Registry"), ("candidate", "Candidate")], max_length=9),
                ),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("ok", models.BooleanField(null=True)),
                ("about", models.CharField(max_length=255)),
                (
                    "root",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="trials",
                        to="fleet.trustroot",
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("server", models.JSONField(default=dict)),
                ("steps", models.JSONField(default=list)),
                ("found", models.JSONField(default=dict)),
                ("confirmed", models.JSONField(default=list)),
            ],
            options={
                "ordering": ["-started_at"],
            },
        ),
    ]
