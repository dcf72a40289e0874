"""What was found out about images: verdicts, what is remembered of signed repositories, and what never changes."""

from __future__ import annotations

from datetime import datetime

from django.db import models

from fleet.models.fields import JsonField
from fleet.models.trust_root import TrustRoot, TrustRootVersion


class TrustMemory(models.Model):
    """Of one repository under one trust root: the plain form of fleet.trust.tuf.memory.Memory, stored as a whole.

    `revision` counts how often it was stored: who read one may store its successor only while that one stands.
    """

    root = models.ForeignKey(TrustRoot, on_delete=models.CASCADE, related_name="memories")
    repository = models.CharField(max_length=255)
    revision = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    document = JsonField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["root", "repository"], name="one_memory_of_a_root_and_gun")]

    def __str__(self) -> str:
        return f"{self.repository} under {self.root_id}"


class TrustResult(models.Model):
    """What one version of a root says of one image under one name. What no root speaks for has none.

    `name` is the whole one, as fleet.trust.names.ImageName writes it. `state` to `warnings` are the last verdict that
    says something of the image, of `checked_at`; `since` is when the first came out so of those that came out alike.
    `asked_at` is when it was last tried. `obstacle` is why the last try came to nothing, empty when it came to
    something, and `failures` how many came to nothing since. `told` is the state that those knew last who rest on it;
    while it is `untold`, what it says is not what they know.
    """

    version = models.ForeignKey(TrustRootVersion, on_delete=models.CASCADE, related_name="results")
    name = models.CharField(max_length=500)
    repository = models.CharField(max_length=255)
    tag = models.CharField(max_length=128, blank=True)
    image_id = models.CharField(max_length=71)
    state = models.CharField(max_length=17)
    reason = models.CharField(max_length=16, blank=True)
    sentence = models.CharField(max_length=500)
    signer = models.CharField(max_length=500, blank=True)
    digest = models.CharField(max_length=71, blank=True)
    valid_until = models.DateTimeField(null=True)
    checked_at = models.DateTimeField()
    since = models.DateTimeField(null=True)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField(db_index=True)
    obstacle = models.CharField(max_length=500, blank=True)
    failures = models.PositiveIntegerField(default=0)
    chain = JsonField(default=list)  # [what, value, note] of each step
    warnings = JsonField(default=list)
    # Digests that were verified under this root and name at any time, whatever is said of them by now.
    verified_before = JsonField(default=list)
    told = models.CharField(max_length=17, blank=True, default="", db_default="", editable=False)
    untold = models.BooleanField(default=True, db_default=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "name", "image_id"], name="one_result_of_a_version_and_image"),
        ]
        indexes = [
            models.Index(fields=["name", "image_id"], name="results_by_image"),
            models.Index(fields=["repository"], name="results_by_repository"),
            models.Index(fields=["asked_at"], name="results_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.image_id[:19]}: {self.state}"

    @property
    def began_at(self) -> datetime:
        """When it began to be in its state; of rows from before that was kept, when it was last found so."""
        return self.since or self.checked_at


class RunningTag(models.Model):
    """What a registry says that a tag means, beside an image that runs by it: `same` where it is that image.

    `name` is repository and tag. `digest` is what the tag stood for at `checked_at`, empty for no such tag; it is a
    claim, good for seeing that a tag moved. `same` is None before anybody could be asked. `obstacle`, `failures` and
    `untold` as of a TrustResult.
    """

    name = models.CharField(max_length=500)
    image_id = models.CharField(max_length=71)
    same = models.BooleanField(null=True)
    digest = models.CharField(max_length=71, blank=True)
    checked_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(db_index=True)
    due_at = models.DateTimeField(db_index=True)
    obstacle = models.CharField(max_length=500, blank=True)
    failures = models.PositiveIntegerField(default=0)
    untold = models.BooleanField(default=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "image_id"], name="one_meaning_of_a_tag_and_image")]

    def __str__(self) -> str:
        return f"{self.name} {self.image_id[:19]}"


class TrustContent(models.Model):
    """Bytes by their SHA-256, as a registry returned them; never other ones under the same digest."""

    digest = models.CharField(max_length=71, primary_key=True)
    kept_at = models.DateTimeField(db_index=True)
    body = models.BinaryField()

    def __str__(self) -> str:
        return self.digest
