"""An image without a recipe cannot be made again."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, passed, uncollected
from fleet.readiness.rule import PRODUCTION_ONLY, ImageRule, Remedy
from fleet.readiness.subjects import ImageSubject
from fleet.readiness.vocabulary import Severity


class ImageNotBuilt(ImageRule):
    """The image was imported from an archive or committed from a container instead of being built.

    What it looks at:
    Comment of the image: docker import writes "Imported from" into it and BuildKit its own name. Any other comment, and
    none, is unknown: docker commit and older builders leave it empty alike, and the history that tells them apart is
    not read by this version. A commit of the last day is seen among the changes by hand.

    Why it matters:
    There is no file that says what is inside or how to make it again with fixes. What somebody did by hand in a
    container, passwords in a shell's history included, is in the image now and runs wherever it is started.

    How to fix:
    Write the Dockerfile that makes the same, build from it in the pipeline, and deploy that.

    What the fix may break:
    Something that was done by hand and forgotten is missing in the built image: compare the two with docker diff.

    References:
    - CIS Docker 1.6.0 4.2
    - NIST SP 800-190 4.1.5
    """

    title = "Image that was imported or committed, not built"
    good = "It was built from a recipe."
    catalogue = "TRU-015"
    severity = Severity.MEDIUM
    facts = ("Comment",)
    stages = PRODUCTION_ONLY
    remedy = Remedy(docker="docker build -t registry.internal/web:1.4.2 .", compose="build: .")

    def judge(self, subject: ImageSubject) -> Outcome:
        comment = known(subject.facts.comment, "Comment")
        evidence = {"Comment": comment[:80]}
        if comment.startswith("Imported from"):
            return failed(evidence)
        if comment.startswith("buildkit."):
            return passed(evidence)
        return uncollected(
            "Whether it was built stands in its history alone, which Loadline does not read yet.", evidence
        )
