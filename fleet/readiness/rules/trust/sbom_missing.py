"""What is inside an image that nobody wrote down has to be guessed on the day it matters."""

from __future__ import annotations

from fleet.readiness.findings import Json, Outcome, failed, passed, uncollected
from fleet.readiness.rule import PRODUCTION_ONLY, ImageRule, Remedy
from fleet.readiness.subjects import ImageSubject
from fleet.readiness.vocabulary import Severity


class SbomMissing(ImageRule):
    """No list of the software inside comes with the image.

    What it looks at:
    What lies beside the image in its registry, by its RepoDigests, where an admin registered that: an SPDX, CycloneDX
    or Syft statement in the index as BuildKit puts it there, under cosign's tag, or as something that refers to the
    image. That it is there is a pass, and the finding says whether a registered key signed it; what the list says is
    not read. Unknown where that registry is not registered or does not answer, and where nothing in it is the image.

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
        found = subject.proven.statement("sbom")
        if found is not None:
            evidence = {"statement": {"predicate": found.kind, "in": found.source, "signed by": found.signer or None}}
            return passed(evidence, found.whose)
        digests: dict[str, Json] = {"RepoDigests": list(subject.facts.digests)} if subject.facts.digests else {}
        if why := subject.proven.unstated:
            return uncollected(why, digests)
        return failed({**digests, "statements": list(subject.proven.stated_kinds)})
