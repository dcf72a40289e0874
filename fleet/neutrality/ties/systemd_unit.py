"""A container that systemd starts is described in a unit, and by no compose file."""

from __future__ import annotations

from fleet.neutrality.tie import PODMAN, Found, Part, Tie
from fleet.neutrality.vocabulary import Effort

_LABEL = "PODMAN_SYSTEMD_UNIT"


class SystemdUnit(Tie):
    """Systemd starts the container from a unit that calls Podman or from a Quadlet file."""

    title = "A unit that calls Podman"
    effort = Effort.DROP_IN
    engines = PODMAN
    elsewhere = "Nothing starts it: another engine does not read Quadlet files."
    change = "Write the same container as a compose file, or let the unit call the other engine."
    sources = ("https://docs.podman.io/en/latest/markdown/podman-systemd.unit.5.html",)

    def find(self, part: Part) -> Found | None:
        unit = part.facts.label(_LABEL)
        return Found({_LABEL: (unit,)}) if unit else None
