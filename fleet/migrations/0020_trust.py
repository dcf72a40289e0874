"""Publishers, registries, and what they prove of images."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("fleet", "0019_ties"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ImageRegistry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("host", models.CharField(max_length=255, unique=True)),
                ("plain", models.BooleanField(default=False)),
                ("private", models.BooleanField(default=False)),
                ("username", models.CharField(blank=True, max_length=255)),
                ("created_at", models.DateTimeField()),
                ("realms", models.JSONField(default=list)),
                ("ca", models.TextField(blank=True)),
                ("sealed_password", models.TextField(blank=True, editable=False)),
            ],
            options={
                "ordering": ["host"],
            },
        ),
        migrations.CreateModel(
            name="TrustContent",
            fields=[
                ("digest", models.CharField(max_length=71, primary_key=True, serialize=False)),
                ("kept_at", models.DateTimeField(db_index=True)),
                ("body", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="TrustRoot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True)),
                ("enabled", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="TrustRootVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("author_name", models.CharField(blank=True, max_length=150)),
                ("made_at", models.DateTimeField()),
                (
                    "author",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "root",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="fleet.trustroot"
                    ),
                ),
                ("document", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ["root", "-number"],
            },
        ),
        migrations.CreateModel(
            name="TrustResult",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=500)),
                ("repository", models.CharField(max_length=255)),
                ("tag", models.CharField(blank=True, max_length=128)),
                ("image_id", models.CharField(max_length=71)),
                ("state", models.CharField(max_length=17)),
                ("reason", models.CharField(blank=True, max_length=16)),
                ("sentence", models.CharField(max_length=500)),
                ("signer", models.CharField(blank=True, max_length=500)),
                ("digest", models.CharField(blank=True, max_length=71)),
                ("valid_until", models.DateTimeField(null=True)),
                ("checked_at", models.DateTimeField()),
                ("asked_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(db_index=True)),
                ("obstacle", models.CharField(blank=True, max_length=500)),
                ("failures", models.PositiveIntegerField(default=0)),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="results", to="fleet.trustrootversion"
                    ),
                ),
                ("chain", models.JSONField(default=list)),
                ("warnings", models.JSONField(default=list)),
                ("verified_before", models.JSONField(default=list)),
            ],
        ),
        migrations.CreateModel(
            name="TrustMemory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("repository", models.CharField(max_length=255)),
                ("revision", models.PositiveIntegerField(default=1)),
                ("changed_at", models.DateTimeField()),
                (
                    "root",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="memories", to="fleet.trustroot"
                    ),
                ),
                ("document", models.JSONField(default=dict)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("root", "repository"), name="one_memory_of_a_root_and_gun")
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="trustrootversion",
            constraint=models.UniqueConstraint(fields=("root", "number"), name="one_version_of_a_root_and_number"),
        ),
        migrations.AddIndex(
            model_name="trustresult",
            index=models.Index(fields=["name", "image_id"], name="results_by_image"),
        ),
        migrations.AddIndex(
            model_name="trustresult",
            index=models.Index(fields=["repository"], name="results_by_repository"),
        ),
        migrations.AddIndex(
            model_name="trustresult",
            index=models.Index(fields=["asked_at"], name="results_by_age"),
        ),
        migrations.AddConstraint(
            model_name="trustresult",
            constraint=models.UniqueConstraint(
                fields=("version", "name", "image_id"), name="one_result_of_a_version_and_image"
            ),
        ),
    ]
