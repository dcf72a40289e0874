"""What was stated about images and lies beside them in their registries."""

from __future__ import annotations

from django.db import models

from fleet.models.fields import JsonField


class ImageStatements(models.Model):
    """Of one image under one name. `found` are the plain forms of fleet.trust.statements.Statement, of `checked_at`;
    None before anybody could be asked. `local` where nothing in the registry is the image.

    `versions` are the keys of the versions of trust roots by whose keys signers were looked for, in their order.
    `obstacle`, `failures` and `untold` as of a TrustResult.
    """

    name = models.CharField(max_length=500)
    image_id = models.CharField(max_length=71)
    local = models.BooleanField(default=False)
    checked_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(db_index=True)
    due_at = models.DateTimeField(db_index=True)
    failures = models.PositiveIntegerField(default=0)
    untold = models.BooleanField(default=True, editable=False)
    obstacle = models.CharField(max_length=500, blank=True)
    versions = models.CharField(max_length=500, blank=True)
    found = JsonField(default=list)
    # Of what runs, and of the index it is in, and the tags under which anything lay beside these.
    digests = JsonField(default=list)
    tags = JsonField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "image_id"], name="statements_of_a_name_and_image_once")]

    def __str__(self) -> str:
        return f"{len(self.found)} beside {self.name} {self.image_id[:19]}"
