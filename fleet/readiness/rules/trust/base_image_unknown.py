"""Most of an image is its base, and somebody else's."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, passed
from fleet.readiness.rule import PRODUCTION_ONLY, ImageRule, Remedy
from fleet.readiness.subjects import ImageSubject
from fleet.readiness.vocabulary import Severity

_LABELS = ("org.opencontainers.image.base.name", "org.opencontainers.image.base.digest")


class BaseImageUnknown(ImageRule):
    """Nothing says which base image the image was built on.

    What it looks at:
    The labels org.opencontainers.image.base.name and org.opencontainers.image.base.digest in Config.Labels. Whether the
    distribution inside is still supported would need a list of what is inside, which this version does not read.

    Why it matters:
    When a base image is withdrawn or out of support, the question is who built on it. Without the label the answer
    is to compare layers, image by image.

    How to fix:
    Build on a base that is maintained, and let buildx write its name and digest: it adds the base annotations by
    itself when the build has a provenance statement; a label in the Dockerfile does as well.

    What the fix may break:
    Nothing that runs; the labels of an image are read by tools alone.

    References:
    - CIS Docker 1.6.0 4.2
    - NIST SP 800-190 4.1.1
    - https://specs.opencontainers.org/image-spec/annotations/
    """

    title = "Base image that nobody names"
    good = "It names the base image it was built on."
    catalogue = "TRU-011"
    severity = Severity.MEDIUM
    facts = ("Config.Labels",)
    stages = PRODUCTION_ONLY
    remedy = Remedy(
        docker="docker build --label org.opencontainers.image.base.name=docker.io/library/debian:13 …",
        compose="build: {labels: {org.opencontainers.image.base.name: docker.io/library/debian:13}}",
    )

    def judge(self, subject: ImageSubject) -> Outcome:
        labels = known(subject.facts.labels, "Config.Labels")
        named = {name: labels[name] for name in _LABELS if labels.get(name)}
        return passed({"Config.Labels": named}) if named else failed({"Config.Labels": {"missing": list(_LABELS)}})
