"""An engine inside a container is this very engine, once more."""

from __future__ import annotations

from fleet.inventory import ImageReference
from fleet.neutrality.tie import EITHER, Found, Part, Tie, known
from fleet.neutrality.vocabulary import Effort


class DockerInDocker(Tie):
    """The container is a Docker engine of its own. Whatever it starts is out of sight of the engine around it, it needs
    the powers of the host, and what leans on it speaks to Docker and to nothing else.
    """

    title = "A Docker engine in a container"
    effort = Effort.REWORK
    engines = EITHER
    elsewhere = "It starts only with every power of the host, and stays Docker."
    change = (
        "Build images with a builder that needs no engine (rootless BuildKit, Buildah), and start test containers "
        "on an engine of the host's own."
    )
    sources = (
        "https://hub.docker.com/_/docker",
        "https://docs.docker.com/build/buildkit/#rootless-mode",
    )

    def find(self, part: Part) -> Found | None:
        text = known(part.facts.image_reference, "Config.Image")
        name = ImageReference.parse(text)
        if name is None or "dind" not in f"{name.basename}:{name.tag or ''}".lower():
            return None
        return Found({"Config.Image": (text,)})
