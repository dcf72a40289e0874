"""Of a dozen log drivers, engines share three."""

from __future__ import annotations

from fleet.neutrality.shared import DOCKERS_LOG_DRIVERS
from fleet.neutrality.tie import Found, Part, Tie, known
from fleet.neutrality.vocabulary import Effort


class EngineLogDriver(Tie):
    """The container logs through a driver that is Docker's own (local, syslog, gelf, fluentd). Docker and Podman
    share json-file, journald and none.
    """

    title = "A log driver that only Docker has"
    effort = Effort.CONFIGURATION
    elsewhere = "It is refused: the log driver is invalid there."
    change = "Log to json-file with max-size, or to journald; a collector of the host sends on what has to leave it."
    sources = (
        "https://docs.docker.com/engine/logging/configure/",
        "https://docs.podman.io/en/latest/markdown/podman-run.1.html#log-driver-driver",
    )

    def find(self, part: Part) -> Found | None:
        driver = known(part.facts.log_driver, "LogConfig.Type")
        if driver not in DOCKERS_LOG_DRIVERS:
            return None
        effort = Effort.DROP_IN if driver == "local" else Effort.CONFIGURATION
        return Found({"LogConfig.Type": (driver,)}, effort, DOCKERS_LOG_DRIVERS[driver])
