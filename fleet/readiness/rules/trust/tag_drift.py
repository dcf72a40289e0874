"""A tag that moved makes two different programs answer to one name."""

from __future__ import annotations

from fleet.inventory import ImageReference
from fleet.readiness.findings import Outcome, failed, known, not_applicable, uncollected, unknown
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class TagDrift(ContainerRule):
    """The tag that the container was started by means another image by now.

    What it looks at:
    Image in the list of containers against Config.Image: once a tag has moved on this host, the engine lists the bare
    image ID for a container that was started by the tag. Whether the tag moved in the registry is not asked by this
    version, so a tag that still holds here is unknown.

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
    facts = ("Image", "Config.Image")
    remedy = Remedy(
        docker="docker run … registry.internal/web:1.4.2@sha256:…",
        compose="image: registry.internal/web:1.4.2@sha256:…",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        text = known(subject.facts.image_reference, "Config.Image")
        reference = ImageReference.parse(text)
        if reference is None:
            return not_applicable("It was started by an image ID, which never moves.")
        if reference.digest:
            return not_applicable("Its reference has a digest, which never moves.")
        listed = known(subject.facts.listed_image, "Image")
        if ImageReference.parse(listed) is None:
            return failed({"Image": listed, "Config.Image": text})
        image = subject.image
        if image is None and subject.around.images is not None:
            return unknown("The image is not among those that the engine lists.", {"Config.Image": text})
        return uncollected("It did not move on this host; whether it did in the registry is not asked yet.")
