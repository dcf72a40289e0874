"""The runtime interface is the OCI's; which runtime answers is the host's."""

from __future__ import annotations

from fleet.neutrality.shared import REMOVED_RUNTIME, RUNTIMES
from fleet.neutrality.tie import Found, Part, Tie, known
from fleet.neutrality.vocabulary import Effort


class OtherRuntime(Tie):
    """The container runs on a runtime that has to be installed and named on each host: gVisor, Kata, NVIDIA's, or one
    that nobody knows. As far as it keeps to the OCI's runtime specification, another engine can use it.
    """

    title = "A runtime beside the usual ones"
    effort = Effort.CONFIGURATION
    elsewhere = "It starts on the usual runtime instead, without the walls or the devices of its own."
    change = (
        "Install the runtime on the other host and name it to the engine (containers.conf, [engine.runtimes] and "
        "runtime), or run on runc or crun."
    )
    sources = (
        "https://github.com/opencontainers/runtime-spec",
        "https://gvisor.dev/docs/user_guide/install/",
        "https://github.com/containers/common/blob/main/docs/containers.conf.5.md",
    )

    def find(self, part: Part) -> Found | None:
        runtime = known(part.facts.runtime, "HostConfig.Runtime")
        return None if runtime in RUNTIMES | {REMOVED_RUNTIME} else Found({"HostConfig.Runtime": (runtime,)})
