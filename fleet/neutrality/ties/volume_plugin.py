"""A volume of a plugin is reached through that plugin, on whichever engine knows it."""

from __future__ import annotations

from fleet.neutrality.tie import EITHER, Found, Part, Tie, known
from fleet.neutrality.vocabulary import Effort


class VolumePlugin(Tie):
    """Data lie on a volume of a driver that is no part of the engine. The driver decides which engines can reach them,
    and for how long anybody mends it.
    """

    title = "Data behind a volume plugin"
    effort = Effort.CONFIGURATION
    engines = EITHER
    elsewhere = "The plugin is refused, or a new and empty local volume stands in its place."
    change = (
        "Podman speaks the first plugin protocol: name the plugin's socket in containers.conf, "
        "[engine.volume_plugins]. A managed plugin has to be installed as a program of the host, or the data moved to "
        "a volume of the driver local."
    )
    sources = (
        "https://docs.docker.com/engine/extend/plugins_volume/",
        "https://github.com/containers/common/blob/main/docs/containers.conf.5.md",
    )

    def find(self, part: Part) -> Found | None:
        drivers = set()
        for mount in known(part.facts.mounts, "Mounts"):
            if mount.kind == "cluster":
                drivers.add(mount.driver or "csi")
            elif mount.kind == "volume":
                drivers.add(known(mount.driver, "Mounts[].Driver"))
        drivers -= {"local"}
        if not drivers:
            return None
        evidence = {"Mounts[].Driver": tuple(sorted(drivers))}
        dying = [note for driver in sorted(drivers) if (note := _dying(driver, part))]
        if dying:
            change = f"{dying[0]} Copy the data to a volume of a driver that is maintained, best one that both have."
            return Found(evidence, Effort.REWORK, change)
        return Found(evidence)


def _dying(driver: str, part: Part) -> str:
    """What the table says of a driver that nobody maintains, or may not."""
    entry = part.tables.drivers.entries.get(driver.partition(":")[0].rpartition("/")[2])
    return entry.note if entry and entry.status != "maintained" else ""
