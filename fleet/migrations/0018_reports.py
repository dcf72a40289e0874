"""Reports that are kept and mailed, and how far a service below the line is from ready."""

from __future__ import annotations

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fleet', '0016_history_of_adoption'),
    ]

    operations = [
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(unique=True)),
                ('made_at', models.DateTimeField()),
                ('maker', models.CharField(blank=True, max_length=150)),
                ('digest', models.CharField(max_length=64)),
                ('document', models.BinaryField()),
            ],
            options={
                'ordering': ['-day'],
            },
        ),
        migrations.CreateModel(
            name='ReportSchedule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('enabled', models.BooleanField(default=False)),
                ('weekday', models.PositiveSmallIntegerField(choices=[(0, 'Monday'), (1, 'Tuesday'), (2, 'Wednesday'), (3, 'Thursday'), (4, 'Friday'), (5, 'Saturday'), (6, 'Sunday')], default=0)),
                ('hour', models.PositiveSmallIntegerField(default=6, validators=[django.core.validators.MaxValueValidator(23)])),
                ('changed_at', models.DateTimeField(blank=True, null=True)),
                ('recipients', models.JSONField(blank=True, default=list)),
            ],
        ),
        migrations.AddField(
            model_name='shortfall',
            name='changes',
            field=models.SmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='shortfall',
            name='weight',
            field=models.SmallIntegerField(null=True),
        ),
        migrations.CreateModel(
            name='ReportMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('scheduled', 'By the schedule'), ('asked', 'Asked for')], max_length=9)),
                ('due_at', models.DateTimeField()),
                ('address', models.EmailField(max_length=254)),
                ('day', models.DateField()),
                ('state', models.CharField(choices=[('waiting', 'Waits'), ('sending', 'Being sent'), ('sent', 'Sent'), ('failed', 'Failed'), ('unsure', 'Nobody knows')], default='waiting', max_length=7)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('next_try_at', models.DateTimeField()),
                ('at', models.DateTimeField()),
                ('said', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'ordering': ['-due_at', 'address'],
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['next_try_at'], name='mails_that_wait')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'due_at', 'address'), name='one_mail_an_occasion')],
            },
        ),
    ]
