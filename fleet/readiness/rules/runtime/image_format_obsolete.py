"""An image that only one vendor's engine can read is no container image any more."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, passed, uncollected, unknown
from fleet.readiness.rule import ImageRule, Remedy
from fleet.readiness.subjects import ImageSubject
from fleet.readiness.vocabulary import Severity


class ImageFormatObsolete(ImageRule):
    """The image is not in the OCI format, or in one that engines have stopped reading.

    What it looks at:
    Descriptor.mediaType, which engines tell from API 1.48 on of images in containerd's store. Elsewhere only the
    registry knows, which this version does not ask: the finding is then unknown, a blind spot.

    Why it matters:
    Schema 1 was removed from Docker 28.2, so such an image cannot be pulled again. Docker's own second format is read
    everywhere today; the OCI's is the one that all engines and registries have agreed on.

    How to fix:
    Build with OCI media types and push again.

    What the fix may break:
    Very old registries refuse OCI manifests.

    References:
    - https://specs.opencontainers.org/image-spec/media-types/
    - docker/cli deprecated.md: schema 1 removed v28.2
    """

    title = "Image format that is obsolete or of one vendor"
    good = "The image is in the OCI format."
    catalogue = "RUN-008"
    severity = Severity.LOW
    facts = ("Descriptor.mediaType",)
    remedy = Remedy(
        docker="docker buildx build --output type=image,oci-mediatypes=true,push=true …",
        compose="# in the build: docker buildx build --output type=image,oci-mediatypes=true,push=true …",
    )

    def judge(self, subject: ImageSubject) -> Outcome:
        media_type = subject.facts.media_type
        if media_type is None:
            return uncollected("Only containerd's store tells the format; Loadline does not ask the registry yet.")
        evidence = {"Descriptor.mediaType": media_type}
        if "manifest.v1" in media_type and "docker" in media_type:
            return failed(evidence, "Engines have stopped reading schema 1.", severity=Severity.HIGH)
        if media_type.startswith("application/vnd.docker."):
            return failed(evidence, severity=Severity.INFO)
        if media_type.startswith("application/vnd.oci."):
            return passed(evidence)
        return unknown("This is no format that is known here.", evidence)
