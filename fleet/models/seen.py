"""What everything that an engine reports has in common: facts, and when it came and went."""

from __future__ import annotations

from typing import Any, Self, TypeVar

from django.db import models

from fleet.inventory.plain import from_plain
from fleet.models.fields import JsonField
from fleet.models.ruled import Ruled

F = TypeVar("F")


class SeenQuerySet(models.QuerySet[Any]):
    """Rows of things on hosts."""

    def present(self) -> Self:
        """What the last sweep of its host still saw."""
        return self.filter(gone_at__isnull=True)


class Seen(Ruled):
    """`facts` is the plain form of the dataclass in fleet.inventory; `gone_at` is set when a sweep no longer saw it."""

    # Without an index of its own: that of `host` and `engine_id`, which each model has, begins with it.
    host = models.ForeignKey("fleet.Host", on_delete=models.CASCADE, related_name="%(class)ss", db_index=False)
    engine_id = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    facts = JsonField(default=dict, finite=True)
    facts_hash = models.CharField(max_length=16)
    first_seen = models.DateTimeField()
    changed_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def keep_facts(self, plain: dict[str, Any], facts: object) -> None:
        """Sets the plain facts, of which `facts` are what reading them would make again."""
        self.facts = plain
        self.__dict__["_read"] = plain, facts

    def know_facts(self, facts: object) -> None:
        """Of a row that was read without them: what reading its facts would make."""
        self.__dict__["_read"] = None, facts

    def _facts_as(self, kind: type[F]) -> F:
        plain, facts = self.__dict__.get("_read", (None, None))
        # Not asked of the descriptor, which would read what was left out.
        same = plain is self.__dict__.get("facts")
        return facts if same and isinstance(facts, kind) else from_plain(kind, self.facts)
