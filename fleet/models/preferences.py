"""The few things an admin sets for everybody."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models


class Preferences(models.Model):
    """One row, or none while the setting LOADLINE_LOAD_LINE stands.

    `load_line` is the share, in percent, of production services that must be ready.
    """

    load_line = models.PositiveSmallIntegerField(
        default=80,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="Percent of production services that must be ready.",
    )

    class Meta:
        verbose_name_plural = "preferences"

    def __str__(self) -> str:
        return "Preferences"

    def save(self, *args: object, **kwargs: object) -> None:
        self.pk = 1  # there is only ever one
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @classmethod
    def current(cls) -> Preferences:
        return cls.objects.filter(pk=1).first() or cls(load_line=settings.LOADLINE_LOAD_LINE)
