"""An image without a birth certificate can be anybody's child."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, uncollected
from fleet.readiness.rule import PRODUCTION_ONLY, ImageRule, Remedy
from fleet.readiness.subjects import ImageSubject
from fleet.readiness.vocabulary import Severity


class ProvenanceMissing(ImageRule):
    """No statement comes with the image of what it was built from, where and by whom.

    What it looks at:
    Statements in the registry that belong to the image by its RepoDigests: a SLSA provenance statement. This version
    reads none of them, so the finding is unknown for every image: a blind spot, not a pass.

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
        digests = list(subject.facts.digests or ())
        evidence = {"RepoDigests": digests} if digests else None
        return uncollected("Loadline does not read statements about builds from registries yet.", evidence)
