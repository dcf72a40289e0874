"""The first shim of containerd went with containerd 2.0."""

from __future__ import annotations

from fleet.neutrality.shared import REMOVED_RUNTIME
from fleet.neutrality.tie import Found, Part, Tie, known
from fleet.neutrality.vocabulary import Effort


class RemovedRuntime(Tie):
    """The container was made for containerd's first shim, which engines up to 20.10 still have and no other engine
    ever had.
    """

    title = "A shim that is gone"
    effort = Effort.DROP_IN
    elsewhere = "The name is passed over, or refused by engines on containerd 2."
    change = "Make the container again without --runtime."
    sources = ("https://github.com/containerd/containerd/blob/main/RELEASES.md",)

    def find(self, part: Part) -> Found | None:
        runtime = known(part.facts.runtime, "HostConfig.Runtime")
        return Found({"HostConfig.Runtime": (runtime,)}) if runtime == REMOVED_RUNTIME else None
