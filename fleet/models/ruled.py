"""What everything that rules are put to has in common."""

from __future__ import annotations

from django.db import models

from fleet.models import standings
from fleet.models.fields import JsonField
from fleet.readiness.standing import Standing


class Ruled(models.Model):
    """`own_standing` is what its own findings add up to (see fleet.readiness.standing).

    `judged_key` is a digest of all that they rest on, `findings_hash` of what they say: while the first is the same
    nothing is judged, while the second is the same nothing is read or written.
    """

    own_standing = JsonField(default=dict, editable=False)
    findings_hash = models.CharField(max_length=16, blank=True, editable=False)
    judged_key = models.CharField(max_length=16, blank=True, editable=False)

    class Meta:
        abstract = True

    def read_own_standing(self) -> Standing:
        return standings.read(self, "own_standing")

    def keep_own_standing(self, standing: Standing) -> None:
        standings.keep(self, "own_standing", standing)


RULED_FIELDS = ("own_standing", "findings_hash", "judged_key")
