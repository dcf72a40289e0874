"""Links were Docker's first way to find a neighbour."""

from __future__ import annotations

from fleet.neutrality.tie import Found, Part, Tie, known
from fleet.neutrality.vocabulary import Effort


class LegacyLinks(Tie):
    """The container finds another one by a link, which writes that one's address and environment into it when it
    starts. Docker calls links legacy, and other engines never had them.
    """

    title = "Links to other containers"
    effort = Effort.CONFIGURATION
    elsewhere = "It is refused: links are not supported there."
    change = (
        "Put both on a network of their own and use the other's name, or give it the link's alias there "
        "(--network-alias)."
    )
    sources = ("https://docs.docker.com/engine/network/links/",)

    def find(self, part: Part) -> Found | None:
        links = known(part.facts.links, "HostConfig.Links")
        return Found({"HostConfig.Links": links}) if links else None
