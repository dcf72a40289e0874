"""What scanners said of images, and what lies beside images in their registries."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fleet", "0021_proof_told")]

    operations = [
        migrations.CreateModel(
            name="ScanReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scanner", models.CharField(max_length=16)),
                ("image_id", models.CharField(max_length=71)),
                ("name", models.CharField(blank=True, max_length=255)),
                ("sha256", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField(db_index=True)),
                ("as_of", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("sent_by", models.CharField(blank=True, max_length=150)),
                ("critical", models.PositiveIntegerField()),
                ("high", models.PositiveIntegerField()),
                ("critical_fixable", models.PositiveIntegerField()),
                ("high_fixable", models.PositiveIntegerField()),
                ("document", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ["-made_at", "-pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("scanner", "image_id"), name="one_report_of_a_scanner_and_image")
                ],
            },
        ),
        migrations.CreateModel(
            name="ImageStatements",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=500)),
                ("image_id", models.CharField(max_length=71)),
                ("local", models.BooleanField(default=False)),
                ("checked_at", models.DateTimeField(null=True)),
                ("asked_at", models.DateTimeField(db_index=True)),
                ("due_at", models.DateTimeField(db_index=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("untold", models.BooleanField(default=True, editable=False)),
                ("obstacle", models.CharField(blank=True, max_length=500)),
                ("versions", models.CharField(blank=True, max_length=500)),
                ("found", models.JSONField(default=list)),
                ("digests", models.JSONField(default=list)),
                ("tags", models.JSONField(default=list)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("name", "image_id"), name="statements_of_a_name_and_image_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ScannedDigest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="by_digest", to="fleet.scanreport"
                    ),
                ),
                ("digest", models.CharField(db_index=True, max_length=71)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("report", "digest"), name="each_digest_of_a_report_once")
                ],
            },
        ),
    ]
