"""A GPU is asked for in the engine's own way, or in the one that all are to share."""

from __future__ import annotations

from fleet.neutrality.tie import Found, Part, Tie, known
from fleet.neutrality.vocabulary import Effort


class GpuRequest(Tie):
    """The container asks for a GPU or the like by a device request (`--gpus`), which Docker hands to a hook of its
    own.
    """

    title = "A GPU asked for in Docker's way"
    effort = Effort.CONFIGURATION
    elsewhere = "It starts without the device."
    change = (
        "Describe the devices by the Container Device Interface (nvidia-ctk cdi generate), and ask for them by its "
        "names: --device nvidia.com/gpu=all."
    )
    sources = (
        "https://github.com/cncf-tags/container-device-interface",
        "https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/cdi-support.html",
    )

    def find(self, part: Part) -> Found | None:
        number = known(part.facts.device_requests, "HostConfig.DeviceRequests")
        return Found({"HostConfig.DeviceRequests": (str(number),)}) if number else None
