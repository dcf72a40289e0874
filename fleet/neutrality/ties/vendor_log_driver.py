"""Logs that go straight to one vendor's cloud go nowhere else."""

from __future__ import annotations

from fleet.neutrality.shared import DOCKERS_LOG_DRIVERS, LOG_DRIVERS
from fleet.neutrality.tie import Found, Part, Tie, known
from fleet.neutrality.vocabulary import Effort


class VendorLogDriver(Tie):
    """The engine itself sends the container's logs to one vendor (awslogs, gcplogs, splunk, …) or through a plugin.
    Engines without that driver refuse to make the container.
    """

    title = "Logs straight to one vendor"
    effort = Effort.CONFIGURATION
    elsewhere = "It is refused: the log driver is invalid there."
    change = (
        "Log to json-file or journald, and let a collector of the host (Fluent Bit, Vector, the vendor's "
        "agent) send the logs on."
    )
    sources = (
        "https://docs.docker.com/engine/logging/configure/",
        "https://docs.podman.io/en/latest/markdown/podman-run.1.html#log-driver-driver",
    )

    def find(self, part: Part) -> Found | None:
        driver = known(part.facts.log_driver, "LogConfig.Type")
        return None if driver in LOG_DRIVERS or driver in DOCKERS_LOG_DRIVERS else Found({"LogConfig.Type": (driver,)})
