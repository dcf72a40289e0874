"""Each of these is a string to one vendor or one host; together they say how far it is to the next."""

from __future__ import annotations

from collections.abc import Mapping

from fleet.inventory import NetworkFacts
from fleet.readiness.findings import Json, Outcome, failed, known, passed
from fleet.readiness.rule import PRODUCTION_ONLY, ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity

_LOG_DRIVERS = frozenset({"awslogs", "gcplogs", "etwlogs", "splunk", "logentries"})
_NETWORK_DRIVERS = frozenset({"bridge", "host", "null", "overlay", "macvlan", "ipvlan", "none"})
_NONE: Mapping[str, NetworkFacts] = {}


class VendorSpecificDriver(ContainerRule):
    """The container needs drivers, devices or addresses that another engine or host may not have.

    What it looks at:
    LogConfig.Type of one vendor's cloud, volumes and networks with drivers besides the engine's own, DeviceRequests,
    ExtraHosts, and static addresses in IPAMConfig. Each is one string; their number is the finding's measure.

    Why it matters:
    None of these is wrong. Together they decide whether the service can be moved to another engine, cloud or host
    within a day, and moving is when one finds out.

    How to fix:
    Log to standard output and collect from there, ask for storage through an interface that several vendors offer, use
    names instead of addresses.

    What the fix may break:
    Logs arrive where the collector sends them; clients with an address written down need the name.

    References:
    - https://opencontainers.org/about/overview/
    - https://docs.docker.com/engine/logging/configure/
    """

    title = "Drivers and addresses of one vendor or host"
    good = "Nothing ties it to one vendor or host."
    catalogue = "RUN-015"
    severity = Severity.INFO
    facts = ("LogConfig.Type", "Mounts[].Driver", "Network.Driver", "DeviceRequests", "ExtraHosts", "IPAMConfig")
    stages = PRODUCTION_ONLY
    remedy = Remedy(docker="docker run --log-driver local …", compose="logging: {driver: local}")

    def judge(self, subject: ContainerSubject) -> Outcome:
        facts = subject.facts
        ties: dict[str, Json] = {}
        if known(facts.log_driver, "LogConfig.Type") in _LOG_DRIVERS:
            ties["LogConfig.Type"] = facts.log_driver
        drivers = sorted({mount.driver for mount in facts.mounts or () if mount.driver and mount.driver != "local"})
        if drivers:
            ties["Mounts[].Driver"] = drivers
        networks = subject.around.networks
        attached = [
            (networks or _NONE).get(one.network_id or "") or (networks or _NONE).get(one.name)
            for one in facts.networks or ()
        ]
        foreign = sorted({one.driver for one in attached if one and one.driver and one.driver not in _NETWORK_DRIVERS})
        if foreign:
            ties["Network.Driver"] = foreign
        if facts.device_requests:
            ties["DeviceRequests"] = facts.device_requests
        if facts.extra_hosts:
            ties["ExtraHosts"] = len(facts.extra_hosts)
        fixed = [one.static_address for one in facts.networks or () if one.static_address and not facts.swarm_task]
        if fixed:
            ties["IPAMConfig"] = fixed
        if ties:
            return failed(ties, "One kind of tie." if len(ties) == 1 else f"{len(ties)} kinds of ties.")
        if attached:
            known(networks, "Networks")
        known(facts.mounts, "Mounts")
        known(facts.networks, "NetworkSettings.Networks")
        return passed()
