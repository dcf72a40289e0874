"""An image that no registry has ever held cannot be checked, copied or deployed again."""

from __future__ import annotations

from fleet.readiness.findings import Json, Outcome, failed, known, passed, unknown
from fleet.readiness.rule import ImageRule, Remedy
from fleet.readiness.subjects import ImageSubject
from fleet.readiness.vocabulary import Severity

#: States of trust that are said only of what was read from the registry, held against its digest.
_HELD = frozenset({"verified", "other-tag"})


class ImageWithoutOrigin(ImageRule):
    """The image was built, loaded, imported or committed on this host and is in no registry.

    What it looks at:
    RepoDigests of the image: the engine writes one when it pulls an image from a registry or pushes it to one. On the
    containerd image store local builds have digests as well, so there Identity.Pull and Identity.Build decide (API 1.53
    and later); without them the finding is unknown. So it is on podman, which gives loaded images digests too. Where a
    trust root speaks for the image's name the registry was read: one that was verified is there, whatever the engine
    tells; and one that is local is not, where the engine cannot tell.

    Why it matters:
    Nobody else has this image: when the host dies, so does the only copy, and no other host can start the service. No
    scanner of the registry has seen it, no signature can be attached to it, and who made it from what is known to the
    person who typed the command, at best.

    How to fix:
    Build the image in the pipeline, push it to the registry and deploy it by the digest that the push prints. As a
    first step, push the very image that runs.

    What the fix may break:
    A rebuild is not the same image: base images and packages have moved on, so test before you replace what runs.

    References:
    - NIST SP 800-190 4.1.5
    - OWASP Docker Security Cheat Sheet, rule 13
    - https://docs.docker.com/engine/storage/containerd/
    """

    title = "Image without a registry behind it"
    good = "The image has been pulled from or pushed to a registry."
    catalogue = "TRU-004"
    severity = Severity.HIGH
    facts = ("RepoDigests", "Identity.Pull", "Identity.Build")
    remedy = Remedy(
        docker="docker tag web:local registry.internal/shop/web:1.4\ndocker push registry.internal/shop/web:1.4",
        compose="image: registry.internal/shop/web:1.4@sha256:…   # instead of build: or a local tag",
    )

    def judge(self, subject: ImageSubject) -> Outcome:
        image, proofs = subject.facts, subject.proven.proofs
        if held := [proof.name for proof in proofs if proof.state in _HELD]:
            return passed({"Registry": held}, "The registry was read, and has this very image.")
        podman = subject.around.host.kind == "podman"
        digests_tell = image.pulled_from or image.built_here or not (podman or image.containerd_store)
        if not digests_tell and proofs and all(proof.state == "local" for proof in proofs):
            return failed({"Registry": [proof.name for proof in proofs]}, proofs[0].sentence)
        if podman:
            return unknown("Podman gives an image a digest even when it never was in a registry.")
        if image.pulled_from:
            return passed({"Identity.Pull": list(image.pulled_from)})
        evidence: dict[str, Json] = {"RepoTags": list(image.tags or ())}
        if image.built_here:
            return failed({**evidence, "Identity.Build": True}, "It was built on this host and not pulled.")
        if image.containerd_store:
            return unknown("The containerd image store gives local images digests, too, and does not tell its origin.")
        digests = known(image.digests, "RepoDigests")
        evidence["RepoDigests"] = list(digests)
        return passed(evidence) if digests else failed(evidence)
