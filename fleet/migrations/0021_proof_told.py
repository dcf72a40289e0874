"""Who knows what was proven; what tags mean in their registries; changes of what is proven."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fleet", "0020_trust")]

    operations = [
        migrations.AddField(
            model_name="trustresult",
            name="told",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=17),
        ),
        migrations.AddField(
            model_name="trustresult",
            name="untold",
            field=models.BooleanField(db_default=True, default=True, editable=False),
        ),
        migrations.AddField(
            model_name="change",
            name="about",
            field=models.CharField(blank=True, db_default="", default="", max_length=500),
        ),
        migrations.AlterField(
            model_name="change",
            name="kind",
            field=models.CharField(
                choices=[("verdict", "Verdict"), ("finding", "Finding"), ("trust", "Trust")], max_length=7
            ),
        ),
        migrations.AlterField(model_name="change", name="before", field=models.CharField(max_length=17)),
        migrations.AlterField(model_name="change", name="after", field=models.CharField(max_length=17)),
        migrations.CreateModel(
            name="RunningTag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=500)),
                ("image_id", models.CharField(max_length=71)),
                ("same", models.BooleanField(null=True)),
                ("digest", models.CharField(blank=True, max_length=71)),
                ("checked_at", models.DateTimeField(null=True)),
                ("asked_at", models.DateTimeField(db_index=True)),
                ("due_at", models.DateTimeField(db_index=True)),
                ("obstacle", models.CharField(blank=True, max_length=500)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("untold", models.BooleanField(default=True, editable=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("name", "image_id"), name="one_meaning_of_a_tag_and_image")
                ],
            },
        ),
    ]
