"""`latest` is a name for whatever came last, on each host something else."""

from __future__ import annotations

from fleet.inventory import ImageReference
from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed, unknown
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class LatestTag(ContainerRule):
    """The image was named with the tag latest, or with none, which means the same.

    What it looks at:
    The tag in Config.Image. A reference with a digest says exactly which image is meant and is left out, whatever tag
    stands beside it; so is a container that was started by an image ID.

    Why it matters:
    Nobody can say which version runs, or go back to the one before. Two hosts that pulled on different days run
    different programs under one name, and the next restart may bring a third.

    How to fix:
    Deploy a tag that is made once and never moved, such as a version or a commit, or better the digest itself.

    What the fix may break:
    Updates do not arrive by themselves any more: the pipeline has to change the tag.

    References:
    - CIS Docker 1.6.0 5.28
    - Polaris: tagNotSpecified
    """

    title = "Image with the tag latest or none"
    good = "Its tag says which version it is."
    catalogue = "TRU-002"
    severity = Severity.HIGH
    facts = ("Config.Image",)
    remedy = Remedy(docker="docker run … registry.internal/web:1.4.2", compose="image: registry.internal/web:1.4.2")

    def judge(self, subject: ContainerSubject) -> Outcome:
        text = known(subject.facts.image_reference, "Config.Image")
        reference = ImageReference.parse(text)
        if reference is None:
            if not subject.facts.inspected:  # the list shows an ID, too, when the tag has moved since
                return unknown("The engine gave only an image ID, not the name the container was started with.")
            return not_applicable("It was started by an image ID, which nobody can move.")
        if reference.digest:
            return not_applicable("Its reference has a digest, which no tag can move.")
        evidence = {"Config.Image": text}
        return failed(evidence) if reference.tag in {None, "latest"} else passed(evidence)
