"""A tag is a name that its owner can give to something else; only a digest says which image was meant."""

from __future__ import annotations

from fleet.inventory import ImageReference
from fleet.readiness.findings import Json, Outcome, failed, known, passed, unknown
from fleet.readiness.rule import PRODUCTION_ONLY, ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class ImageNotPinned(ContainerRule):
    """The container was started from a tag, so nobody can say which image the next start will run.

    What it looks at:
    Config.Image of the container: whether it has @sha256: in it. RepoDigests of the image are shown as the digest to
    pin to, but do not make a pass: they say what runs now, not what was asked for. A container started from an image
    ID passes, since nobody can move an ID. Judged in production only.

    Why it matters:
    Whoever can push to the repository can put other content behind the tag, and so can a mistake in a pipeline. Two
    hosts that pulled the same tag on different days run different programs. A rollback to a tag rolls back to whatever
    it means by then.

    How to fix:
    Write the digest behind the tag; the tag then is only for people to read. docker compose config
    --resolve-image-digests prints a file with all of them filled in, and docker stack deploy resolves them by itself
    when the registry answers. Let a bot (Renovate, Dependabot) raise the digests, so that pinning does not mean ageing.

    What the fix may break:
    A pinned image gets no updates until the digest is raised. Registries that clean up untagged images may delete the
    one that is pinned: keep what is deployed.

    References:
    - Goes further than CIS Docker 5.28
    - NIST SP 800-190 4.1.5
    - OWASP Docker Security Cheat Sheet, rule 13
    """

    title = "Image not pinned by digest"
    good = "The container was started from an image named by its digest."
    catalogue = "TRU-001"
    severity = Severity.HIGH
    facts = ("Config.Image", "RepoDigests")
    stages = PRODUCTION_ONLY
    remedy = Remedy(
        docker="docker pull shop/web:1.4   # prints the digest\ndocker run shop/web:1.4@sha256:…",
        compose="image: shop/web:1.4@sha256:…   # docker compose config --resolve-image-digests",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        text = known(subject.facts.image_reference, "Config.Image")
        evidence: dict[str, Json] = {"Config.Image": text}
        reference = ImageReference.parse(text)
        if reference is None:
            if not subject.facts.inspected:  # the list shows an ID, too, when the tag has moved since
                return unknown(
                    "The engine gave only an image ID, not the name the container was started with.", evidence
                )
            return passed(evidence, "Started from an image ID, which nobody can move.")
        if reference.digest:
            return passed(evidence)
        digests = subject.image.digests if subject.image else None
        if digests:
            return failed({**evidence, "RepoDigests": list(digests)}, "RepoDigests show what to pin to.")
        return failed(evidence, "The image has no digest on this host: push it to a registry and pull it from there.")
