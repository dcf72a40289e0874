"""A tag that moved makes two different programs answer to one name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fleet.inventory import ImageFacts, ImageReference
from fleet.readiness.findings import Json, Outcome, failed, known, not_applicable, passed, uncollected, unknown
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class TagDrift(ContainerRule):
    """The tag that the container was started by means another image by now.

    What it looks at:
    Image in the list of containers against Config.Image: once a tag has moved on this host, the engine lists the bare
    image ID for a container that was started by the tag, and RepoTags tell which image has it now. A registry that an
    admin registered is asked every six hours what the tag means there; no trust root is needed for that. Its answer is
    a claim: it shows that the tag moved, and says nothing of whose image it is. Where the registry is not registered,
    or cannot be asked, a tag that still holds on the host is unknown.

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
    facts = ("Image", "Config.Image", "RepoTags", "RepoDigests")
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
        evidence: dict[str, Json] = {"Config.Image": text}
        if ImageReference.parse(listed) is not None:
            return _in_registry(subject, reference, evidence, "It did not move on this host")
        evidence["Image"] = listed
        holder = _holder(known(subject.around.images, "RepoTags"), reference)
        if holder is None:
            return _in_registry(subject, reference, evidence, "The tag is gone from this host")
        if holder == subject.facts.image_id:
            return unknown("The engine lists the image under its tag and the container without it.", evidence)
        return failed({**evidence, "RepoTags": {text: holder}})


def _in_registry(
    subject: ContainerSubject, reference: ImageReference, evidence: Mapping[str, Json], here: str
) -> Outcome:
    """`here` is what is known of the host, without full stop."""
    meaning = subject.tag
    if meaning is None:
        return uncollected(
            f"{here}; whether it did in the registry is not asked, as nobody registered {reference.registry}: an admin "
            "does, with ./loadline trust registry add.",
            evidence,
        )
    if meaning.same is None:
        if meaning.obstacle:
            return unknown(f"{here}; what it means in the registry cannot be told. {meaning.obstacle}", evidence)
        return uncollected(f"{here}; the registry has not been asked yet.", evidence)
    if not meaning.digest:
        return unknown(f"{here}; the registry has no such tag, so what it meant there cannot be told.", evidence)
    told = {**evidence, "Registry": meaning.digest}
    if meaning.same:
        return passed(told)
    return failed(told, "In the registry the tag means another image by now.")


def _holder(images: Mapping[str, ImageFacts], reference: ImageReference) -> str | None:
    """ID of the image that has the tag on this host now."""
    wanted = replace(reference, tag=reference.tag or "latest")
    for image in images.values():
        if any(ImageReference.parse(tag) == wanted for tag in image.tags or ()):
            return image.id
    return None
