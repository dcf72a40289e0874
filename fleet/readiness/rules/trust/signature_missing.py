"""A registry hands out what it holds; only a signature says whose it is."""

from __future__ import annotations

from fleet.readiness.findings import Json, Outcome, uncollected
from fleet.readiness.rule import PRODUCTION_ONLY, ImageRule, Remedy
from fleet.readiness.subjects import ImageSubject
from fleet.readiness.vocabulary import Severity


class SignatureMissing(ImageRule):
    """Nothing shows that the image is what its publisher signed.

    What it looks at:
    Signatures of cosign, Notation and Notary in the registry, by RepoDigests of the image, against keys that an admin
    registered. This version reads none of them, so the finding is unknown: a blind spot, not a pass. Signatures that
    an engine verified by itself (Identity.Signature, API 1.53 and later) are shown, but do not make a pass: the keys
    were the engine's choice and not yours.

    Why it matters:
    Whoever can write to the registry, or answer in its place, decides what runs. A digest says that the content did not
    change on the way; it does not say who made it.

    How to fix:
    Sign images in the pipeline with cosign or Notation, and let the place that deploys them verify. Docker Content
    Trust is no way any more: its service closes on 8 December 2026.

    What the fix may break:
    Deployments of images that nobody signed stop as soon as verification is enforced.

    References:
    - CIS Docker 1.6.0 4.5
    - CIS Docker 1.6.0 4.12
    - NIST SP 800-190 4.1.5
    - https://www.docker.com/blog/retiring-docker-content-trust/
    """

    title = "No valid signature"
    good = "Its publisher's signature was verified against a registered key."
    catalogue = "TRU-005"
    severity = Severity.HIGH
    facts = ("RepoDigests", "Identity.Signature")
    stages = PRODUCTION_ONLY
    remedy = Remedy(
        docker="cosign sign registry.internal/web@sha256:…", compose="image: registry.internal/web@sha256:…"
    )

    def judge(self, subject: ImageSubject) -> Outcome:
        image = subject.facts
        evidence: dict[str, Json] = {"RepoDigests": list(image.digests)} if image.digests else {}
        if image.signatures:
            evidence["Identity.Signature"] = {"verified": image.signatures}
            return uncollected(
                "The engine verified a signature; Loadline does not compare it with your keys yet.", evidence
            )
        return uncollected("Loadline does not verify signatures yet.", evidence)
