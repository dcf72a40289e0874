"""Where an engine keeps its things is nobody's business but its own."""

from __future__ import annotations

from fleet.inventory.paths import normalise
from fleet.neutrality.tie import EITHER, Found, Part, Tie, known
from fleet.neutrality.vocabulary import Effort

_FOLDERS = ("/var/lib/docker", "/var/lib/containerd", "/etc/docker", "/var/lib/containers", "/etc/containers")


class EngineFiles(Tie):
    """The container reads the engine's own files: its log files, its layers, its configuration. Another engine keeps
    them in other folders and another form.
    """

    title = "Reading of the engine's own files"
    effort = Effort.CONFIGURATION
    engines = EITHER
    elsewhere = "The folder is not there, so it does not start, or it is empty."
    change = "Ask the engine's API or the journal for what the files were read for: container logs through journald."
    sources = ("https://docs.podman.io/en/latest/markdown/podman-logs.1.html",)

    def find(self, part: Part) -> Found | None:
        found = []
        for mount in known(part.facts.mounts, "Mounts"):
            if mount.kind == "bind":
                path = normalise(known(mount.source, "Mounts[].Source"))
                if any(path == folder or path.startswith(f"{folder}/") for folder in _FOLDERS):
                    found.append(f"{path}:{mount.destination}")
        return Found({"Mounts[].Source": tuple(sorted(found))}) if found else None
