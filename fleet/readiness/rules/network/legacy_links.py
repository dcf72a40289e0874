"""Links on the default bridge are the oldest way to find a neighbour, and the first to go."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import EVERYWHERE, ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class LegacyLinks(ContainerRule):
    """The container finds others by links on the default bridge, which the engine is about to drop.

    What it looks at:
    HostConfig.Links of a container whose HostConfig.NetworkMode is the default bridge. On a network that somebody
    created, links are mere aliases and do no harm.

    Why it matters:
    Links write a neighbour's address and all its environment variables into the container when it starts. They break
    when the neighbour is made anew, hand its passwords around, and stop working with an engine upgrade.

    How to fix:
    Put both containers on one network of their own and use the neighbour's name; give it the link's alias where the
    program insists on that name.

    What the fix may break:
    Programs that read the variables a link sets, such as DB_PORT_5432_TCP_ADDR, need them set by hand.

    References:
    - docker/cli deprecated.md: legacy links on the default bridge, deprecated v1.10, removal v30
    - https://docs.docker.com/engine/network/links/
    """

    title = "Legacy links"
    good = "It finds its neighbours by name on a network of their own."
    catalogue = "NET-007"
    severity = Severity.MEDIUM
    facts = ("HostConfig.Links", "HostConfig.NetworkMode")
    stages = EVERYWHERE
    linux_only = True
    remedy = Remedy(
        docker="docker run --network app --network-alias db …   # no --link",
        compose="networks: [app]   # and no links:",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        links = known(subject.facts.links, "HostConfig.Links")
        if not links:
            return passed()
        mode = known(subject.facts.network_mode, "HostConfig.NetworkMode")
        if mode not in {"default", "bridge", ""}:
            return not_applicable("On a network that somebody created, links are only other names.")
        return failed({"HostConfig.Links": list(links)})
