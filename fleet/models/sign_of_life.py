"""Signs of life: when each process last did something, so that one that stopped is missed."""

from __future__ import annotations

from django.db import models


class SignOfLife(models.Model):
    """The last time that a scheduler handed something out, a worker finished a task, or an hourly job was done.

    A row for each, written over and over: `dashboard.signs` writes it without loading the models, because the
    scheduler has none.
    """

    SCHEDULER, WORKER, JOB = "scheduler", "worker", "job"

    kind = models.CharField(max_length=9, choices=[(SCHEDULER, "Scheduler"), (WORKER, "Worker"), (JOB, "Job")])
    name = models.CharField(max_length=200)
    did = models.CharField(max_length=100)
    at = models.DateTimeField()

    class Meta:
        ordering = ["kind", "name"]
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="one_sign_of_life_each")]
        verbose_name_plural = "signs of life"

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
