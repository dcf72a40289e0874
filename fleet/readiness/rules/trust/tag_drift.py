"""A tag that moved makes two different programs answer to one name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fleet.inventory import ImageFacts, ImageReference
from fleet.readiness.findings import Outcome, failed, known, not_applicable, uncollected, unknown
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class TagDrift(ContainerRule):
    """The tag that the container was started by means another image by now.

    What it looks at:
    Image in the list of containers against Config.Image: once a tag has moved on this host, the engine lists the bare
    image ID for a container that was started by the tag, and RepoTags tell which image has it now. Whether the tag
    moved in the registry is not asked by this version, so a tag that still holds here, or is gone, is unknown.

    Why it matters:
    What runs and what the next restart would run are two things. A rollback of the host, or a second replica, brings a
    version that nobody tested beside this one, and the file that names the tag looks as if nothing had happened.

    How to fix:
    Deploy the new image on purpose, or pin the old one by its digest. Tags that are never moved do not drift.

    What the fix may break:
    Deploying brings the other version into production: read what changed first.

    References:
    - CIS Docker 1.6.0 5.28
    - NIST SP 800-190 4.2.2
    """

    title = "Tag that has moved since the container was started"
    good = "Its tag still means the image that runs."
    catalogue = "TRU-008"
    severity = Severity.MEDIUM
    facts = ("Image", "Config.Image", "RepoTags")
    remedy = Remedy(
        docker="docker run … registry.internal/web:1.4.2@sha256:…",
        compose="image: registry.internal/web:1.4.2@sha256:…",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        text = known(subject.facts.image_reference, "Config.Image")
        reference = ImageReference.parse(text)
        if reference is None:
            if not subject.facts.inspected:  # the list shows an ID, too, when the tag has moved since
                return unknown("The engine gave only an image ID, not the name the container was started with.")
            return not_applicable("It was started by an image ID, which never moves.")
        if reference.digest:
            return not_applicable("Its reference has a digest, which never moves.")
        listed = known(subject.facts.listed_image, "Image")
        if ImageReference.parse(listed) is not None:
            return uncollected("It did not move on this host; whether it did in the registry is not asked yet.")
        evidence = {"Image": listed, "Config.Image": text}
        holder = _holder(known(subject.around.images, "RepoTags"), reference)
        if holder is None:
            return uncollected(
                "The tag is gone from this host; what the registry says of it is not asked yet.", evidence
            )
        if holder == subject.facts.image_id:
            return unknown("The engine lists the image under its tag and the container without it.", evidence)
        return failed({**evidence, "RepoTags": {text: holder}})


def _holder(images: Mapping[str, ImageFacts], reference: ImageReference) -> str | None:
    """ID of the image that has the tag on this host now."""
    wanted = replace(reference, tag=reference.tag or "latest")
    for image in images.values():
        if any(ImageReference.parse(tag) == wanted for tag in image.tags or ()):
            return image.id
    return None
