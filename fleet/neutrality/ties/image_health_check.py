"""The OCI's image format has no room for a health check."""

from __future__ import annotations

from fleet.neutrality.tie import Found, Part, Tie, known
from fleet.neutrality.vocabulary import Effort


class ImageHealthCheck(Tie):
    """The container is checked by what its image says (HEALTHCHECK), which is no part of the OCI's image
    specification: Podman reads it from an image in Docker's own format and passes over it in one of the OCI's.
    Where the engine tells that the image is in Docker's format, it is no tie.
    """

    title = "A health check that only the image has"
    effort = Effort.DROP_IN
    elsewhere = "It runs unchecked, and nothing says so."
    change = (
        "Say the check where the container is started (--health-cmd, compose: healthcheck) and leave it out "
        "of the image."
    )
    sources = (
        "https://github.com/opencontainers/image-spec/issues/749",
        "https://docs.podman.io/en/latest/markdown/podman-build.1.html#format",
    )

    def find(self, part: Part) -> Found | None:
        if not known(part.facts.has_health_check, "Config.Healthcheck"):
            return None
        image = known(part.image, "Image")
        if (image.media_type or "").startswith("application/vnd.docker."):
            return None
        check = known(image.health_check, "Image.Config.Healthcheck")
        if check != part.facts.health_check:
            return None  # the container was given one of its own
        told = {"Image.Config.Healthcheck": check.kind, "Descriptor.mediaType": image.media_type or "not reported"}
        return Found({name: (value,) for name, value in told.items()})
