"""A Windows container needs a Windows kernel, and one vendor's engine."""

from __future__ import annotations

from fleet.neutrality.tie import Found, Part, Tie
from fleet.neutrality.vocabulary import Effort


class WindowsContainer(Tie):
    """The container is one of Windows. Engines that follow the OCI's specifications on Linux cannot run it."""

    title = "Being a Windows container"
    effort = Effort.REWORK
    elsewhere = "It does not run on any engine for Linux."
    change = "Build the service for Linux; until then, it can move between Docker and containerd on Windows only."
    sources = ("https://github.com/opencontainers/runtime-spec/blob/main/config-windows.md",)

    def find(self, part: Part) -> Found | None:
        told = {"OSType": part.os_type, "Image.Os": part.image.os if part.image else None}
        found = {name: (value,) for name, value in told.items() if value == "windows"}
        return Found(found) if found else None
