"""The figures of each day by team, for how long each service was in each stage, and when hosts were silent."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fleet', '0014_catalogue'),
    ]

    operations = [
        migrations.AddField(
            model_name='day',
            name='carried',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='day',
            name='corrected_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='day',
            name='numbers',
            field=models.JSONField(null=True),
        ),
        migrations.CreateModel(
            name='TeamDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('team', models.CharField(blank=True, max_length=100)),
                ('use', models.CharField(blank=True, max_length=10)),
                ('running', models.PositiveIntegerField(default=0)),
                ('numbers', models.JSONField(default=dict)),
            ],
            options={
                'ordering': ['team', 'day'],
                'indexes': [models.Index(fields=['day'], name='team_days_by_day')],
                'constraints': [models.UniqueConstraint(fields=('team', 'day'), name='one_row_per_team_and_day')],
            },
        ),
        migrations.CreateModel(
            name='HostSilence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField(null=True)),
                ('host', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='silences', to='fleet.host')),
            ],
            options={
                'ordering': ['-since', 'name'],
                'indexes': [models.Index(fields=['until'], name='silences_by_until')],
            },
        ),
        migrations.CreateModel(
            name='ServiceSpell',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('team', models.CharField(blank=True, max_length=100)),
                ('stage', models.CharField(max_length=10)),
                ('verdict', models.CharField(max_length=10)),
                ('told', models.CharField(default='seen', max_length=10)),
                ('since', models.DateField()),
                ('until', models.DateField(null=True)),
                ('service', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='spells', to='fleet.service')),
            ],
            options={
                'ordering': ['name', 'since'],
                'indexes': [models.Index(fields=['name', 'since'], name='spells_by_name'), models.Index(fields=['since'], name='spells_by_since'), models.Index(fields=['until'], name='spells_by_until'), models.Index(fields=['team', 'since'], name='spells_by_team')],
            },
        ),
    ]
