"""Engines have stopped reading the first format of images."""

from __future__ import annotations

from fleet.neutrality.tie import EITHER, Found, Part, Tie, known
from fleet.neutrality.vocabulary import Effort


class ImageFormat(Tie):
    """The image is in a format that is neither the OCI's nor Docker's second one, which every engine reads. An engine
    that does not tell the format holds the image in a form of its own and can save it in one that all read.
    """

    title = "An image format that engines have dropped"
    effort = Effort.CONFIGURATION
    engines = EITHER
    elsewhere = "It cannot be pulled."
    change = "Build the image again and push it in the OCI's format (buildx: oci-mediatypes=true)."
    sources = (
        "https://specs.opencontainers.org/image-spec/media-types/",
        "https://docs.docker.com/engine/deprecated/",
    )

    def find(self, part: Part) -> Found | None:
        media_type = known(part.image, "Image").media_type
        if media_type is None or media_type.startswith("application/vnd.oci."):
            return None
        if media_type.startswith("application/vnd.docker.") and "manifest.v1" not in media_type:
            return None
        return Found({"Descriptor.mediaType": (media_type,)})
