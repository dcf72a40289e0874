"""An image that says where it comes from saves the search on the day it breaks."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import ImageRule, Remedy
from fleet.readiness.subjects import ImageSubject
from fleet.readiness.vocabulary import Severity

_WANTED = ("source", "revision", "version", "created")
_PREFIX = "org.opencontainers.image."


class OriginLabelsMissing(ImageRule):
    """The image does not say from which source, revision and version it was built.

    What it looks at:
    The labels org.opencontainers.image.source, revision, version and created in Config.Labels of the image. Official
    images of Docker Hub, known by their RepoDigests or Identity.Pull, are left out: you cannot label them.

    Why it matters:
    Between an image that misbehaves and the line of code stands the question which commit it is. With the labels any
    host answers it at once; without them somebody compares dates.

    How to fix:
    Let the pipeline set them; docker/metadata-action and docker buildx bake do so from the repository.

    What the fix may break:
    Nothing that runs; labels with the time of the build make each build a different image.

    References:
    - https://specs.opencontainers.org/image-spec/annotations/
    """

    title = "Labels of origin missing"
    good = "It says which source, revision and version it was built from."
    catalogue = "TRU-010"
    severity = Severity.LOW
    facts = ("Config.Labels", "RepoDigests", "Identity.Pull")
    remedy = Remedy(
        docker="docker build --label org.opencontainers.image.revision=$(git rev-parse HEAD) …",
        compose="build: {labels: {org.opencontainers.image.source: https://git.internal/web}}",
    )

    def judge(self, subject: ImageSubject) -> Outcome:
        labels = known(subject.facts.labels, "Config.Labels")
        missing = [name for name in _WANTED if not labels.get(_PREFIX + name)]
        if not missing:
            return passed()
        if subject.facts.official:
            return not_applicable("An official image of Docker Hub: its labels are for its makers to write.")
        return failed({"Config.Labels": {"missing": missing}})
