"""Where each service keeps its state, and why; every service is marked to be added up, so that it is known soon."""

from django.db import migrations, models
from django.utils import timezone


def mark_services(apps, schema_editor):
    mark, now = apps.get_model("fleet", "ServiceMark"), timezone.now()
    keys = apps.get_model("fleet", "Service").objects.filter(containers_total__gt=0).values_list("pk", flat=True)
    marks = (mark(service_id=key, marked_at=now, causes=[]) for key in keys.iterator(chunk_size=2000))
    mark.objects.bulk_create(marks, batch_size=500)


class Migration(migrations.Migration):

    dependencies = [("fleet", "0013_findings_in_order")]

    operations = [
        migrations.AddField(
            model_name="service",
            name="state_kind",
            field=models.CharField(
                choices=[
                    ("one-disk", "One disk"),
                    ("unknown", "Unknown"),
                    ("networked", "Networked"),
                    ("replicated", "Replicated"),
                    ("self-replicated", "Self replicated"),
                    ("stateless", "Stateless"),
                ],
                db_default="unknown",
                default="unknown",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="service",
            name="state_evidence",
            field=models.JSONField(editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="service",
            index=models.Index(fields=["state_kind", "stage", "name"], name="services_by_state_kind"),
        ),
        migrations.RunPython(mark_services, migrations.RunPython.noop, elidable=True),
    ]
