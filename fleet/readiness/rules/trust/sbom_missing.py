"""What is inside an image that nobody wrote down has to be guessed on the day it matters."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, uncollected
from fleet.readiness.rule import PRODUCTION_ONLY, ImageRule, Remedy
from fleet.readiness.subjects import ImageSubject
from fleet.readiness.vocabulary import Severity


class SbomMissing(ImageRule):
    """No list of the software inside comes with the image.

    What it looks at:
    Statements in the registry that belong to the image by its RepoDigests: an SPDX or CycloneDX statement. This version
    reads none of them, so the finding is unknown for every image: a blind spot, not a pass.

    Why it matters:
    When a library turns out to be broken, the question is which images have it. With a list the answer is a search;
    without one every image has to be opened, and those that nobody can rebuild stay a guess.

    How to fix:
    Let the build write the list: docker buildx build --sbom=true, or a generator in the pipeline that attaches it.

    What the fix may break:
    Builds take longer, and registries that do not keep attestations drop the list silently.

    References:
    - OWASP Docker Security Cheat Sheet, rule 13
    - https://docs.docker.com/build/metadata/attestations/sbom/
    """

    title = "No list of what is inside"
    good = "A list of its parts came with the image."
    catalogue = "TRU-006"
    severity = Severity.MEDIUM
    facts = ("RepoDigests",)
    stages = PRODUCTION_ONLY
    remedy = Remedy(docker="docker buildx build --sbom=true …", compose="build: {sbom: true}")

    def judge(self, subject: ImageSubject) -> Outcome:
        digests = list(subject.facts.digests or ())
        evidence = {"RepoDigests": digests} if digests else None
        return uncollected("Loadline does not read lists of parts from registries yet.", evidence)
