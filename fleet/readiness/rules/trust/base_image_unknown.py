"""Most of an image is its base, and somebody else's."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, passed, uncollected
from fleet.readiness.rule import PRODUCTION_ONLY, ImageRule, Remedy
from fleet.readiness.subjects import ImageSubject
from fleet.readiness.vocabulary import Severity

_LABELS = ("org.opencontainers.image.base.name", "org.opencontainers.image.base.digest")


class BaseImageUnknown(ImageRule):
    """Nothing says which base image the image was built on.

    What it looks at:
    The labels org.opencontainers.image.base.name and org.opencontainers.image.base.digest in Config.Labels. Official
    images of Docker Hub name their base in the registry, which this version does not read: unknown, a blind spot.
    Nor does it read what is inside, which would tell whether the distribution is still supported.

    Why it matters:
    When a base image is withdrawn or out of support, the question is who built on it. Without the label the answer
    is to compare layers, image by image.

    How to fix:
    Build on a base that is maintained, and let the pipeline write its name and digest into labels of the image: with
    --label of docker build, or LABEL in the Dockerfile beside FROM.

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
    facts = ("Config.Labels", "RepoDigests", "Identity.Pull")
    stages = PRODUCTION_ONLY
    remedy = Remedy(
        docker="docker build --label org.opencontainers.image.base.name=docker.io/library/debian:13 …",
        compose="build: {labels: {org.opencontainers.image.base.name: docker.io/library/debian:13}}",
    )

    def judge(self, subject: ImageSubject) -> Outcome:
        labels = known(subject.facts.labels, "Config.Labels")
        named = {name: labels[name] for name in _LABELS if labels.get(name)}
        if named:
            return passed({"Config.Labels": named})
        if subject.facts.official:
            return uncollected("An official image of Docker Hub: what the registry says of its base is not read yet.")
        return failed({"Config.Labels": {"missing": list(_LABELS)}})
