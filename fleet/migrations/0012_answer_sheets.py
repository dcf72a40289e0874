"""One row for what nobody has to look at of a subject, in place of a finding for each rule."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


def judge_again(apps, schema_editor):
    """Every host and service is judged anew by its next sweep, which puts what was rows before onto sheets."""
    apps.get_model("fleet", "Host").objects.update(judged_on={})
    apps.get_model("fleet", "Service").objects.update(judged_key="")


class Migration(migrations.Migration):
    dependencies = [("fleet", "0011_services_by_whole_name")]

    operations = [
        migrations.CreateModel(
            name='AnswerPattern',
            fields=[
                ('digest', models.BigIntegerField(primary_key=True, serialize=False)),
                ('shape', models.BigIntegerField(db_index=True)),
                ('made_at', models.DateTimeField()),
                ('answers', models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name='AnswerSheet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_kind', models.CharField(choices=[('container', 'Container'), ('image', 'Image'), ('network', 'Network'), ('volume', 'Volume'), ('host', 'Host'), ('service', 'Service')], max_length=9)),
                ('subject_pk', models.BigIntegerField()),
                ('subject_id', models.CharField(max_length=255)),
                ('subject_name', models.CharField(max_length=255)),
                ('host', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sheets', to='fleet.host')),
                ('container', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sheets', to='fleet.container')),
                ('service', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sheets', to='fleet.service')),
                ('pattern', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='sheets', to='fleet.answerpattern')),
                ('since', models.DateTimeField()),
                ('own', models.TextField(blank=True)),
            ],
            options={
                'indexes': [models.Index(fields=['pattern', 'host'], name='sheets_of_a_pattern'), models.Index(fields=['host', 'container'], name='sheets_of_a_host')],
                'constraints': [models.UniqueConstraint(fields=('subject_kind', 'subject_pk'), name='one_answer_sheet_per_subject')],
            },
        ),
        migrations.RunPython(judge_again, migrations.RunPython.noop),
    ]
