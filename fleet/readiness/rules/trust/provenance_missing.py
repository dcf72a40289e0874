"""An image without a birth certificate can be anybody's child."""

from __future__ import annotations

from fleet.readiness.findings import Json, Outcome, failed, passed, uncollected
from fleet.readiness.rule import PRODUCTION_ONLY, ImageRule, Remedy
from fleet.readiness.subjects import ImageSubject
from fleet.readiness.vocabulary import Severity


class ProvenanceMissing(ImageRule):
    """No statement comes with the image of what it was built from, where and by whom.

    What it looks at:
    What lies beside the image in its registry, by its RepoDigests, where an admin registered that: a SLSA provenance
    statement in the index as BuildKit puts it there, under cosign's tag, or as something that refers to the image. That
    it is there is a pass, and the finding says whether a registered key signed it; what the record says is not read.
    Unknown where that registry is not registered or does not answer, and where nothing in it is the image.

    Why it matters:
    A signature says who released the image; provenance says from which source and by which machine it was built.
    Without it a build on somebody's laptop looks like one of the pipeline.

    How to fix:
    Let the build write it: docker buildx build --provenance=mode=max, and keep the pipeline as the only one that
    may push.

    What the fix may break:
    The full mode records build arguments: make sure that no secret is passed as one.

    References:
    - SLSA v1.0, build track
    - OWASP Docker Security Cheat Sheet, rule 13
    """

    title = "No record of how the image was built"
    good = "A record of its build came with the image."
    catalogue = "TRU-007"
    severity = Severity.MEDIUM
    facts = ("RepoDigests",)
    stages = PRODUCTION_ONLY
    remedy = Remedy(docker="docker buildx build --provenance=mode=max …", compose="build: {provenance: mode=max}")

    def judge(self, subject: ImageSubject) -> Outcome:
        found = subject.proven.statement("provenance")
        if found is not None:
            evidence = {"statement": {"predicate": found.kind, "in": found.source, "signed by": found.signer or None}}
            return passed(evidence, found.whose)
        digests: dict[str, Json] = {"RepoDigests": list(subject.facts.digests)} if subject.facts.digests else {}
        if why := subject.proven.unstated:
            return uncollected(why, digests)
        return failed({**digests, "statements": list(subject.proven.stated_kinds)})
