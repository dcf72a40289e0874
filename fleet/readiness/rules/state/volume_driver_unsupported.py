"""A volume is as alive as the company behind its driver."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed, unknown
from fleet.readiness.rule import Remedy, VolumeRule
from fleet.readiness.subjects import VolumeSubject
from fleet.readiness.vocabulary import Severity


class VolumeDriverUnsupported(VolumeRule):
    """The volume's driver is not maintained any more, or nobody has approved it.

    What it looks at:
    Driver of the volume against the table of drivers, and against volume_drivers of the policy, where an admin says of
    a driver that it is approved or refused. A driver that neither knows is unknown.

    Why it matters:
    The driver stands between the data and everything that could move them. Flocker's vendor closed in 2016; whoever
    still mounts through it cannot upgrade the engine without losing the way to the data.

    How to fix:
    Move the data to a volume of a driver that is maintained: start a container with both volumes and copy. Then note
    the new driver in the policy as approved.

    What the fix may break:
    The service stands still while its data are copied, and other drivers have other names for their options.

    References:
    - labouisse.com 2017: ClusterHQ has shut down
    - NetApp/netappdvp: merged into Trident
    - https://docs.docker.com/engine/extend/plugins_volume/
    """

    title = "Volume driver that is unmaintained or unapproved"
    good = "Its driver is maintained, or an admin has approved it."
    catalogue = "STO-009"
    severity = Severity.HIGH
    facts = ("Volume.Driver",)
    remedy = Remedy(
        docker="docker volume create --driver NAME data   # then copy the data over",
        compose="# top-level: volumes: {data: {driver: NAME}}",
    )

    def judge(self, subject: VolumeSubject) -> Outcome:
        driver = known(subject.facts.driver, "Driver")
        if driver == "local":
            return not_applicable("The engine's own driver needs no vendor.")
        name = driver.partition(":")[0].rpartition("/")[2]
        evidence = {"Driver": driver}
        decided = subject.around.policy.volume_drivers.get(driver) or subject.around.policy.volume_drivers.get(name)
        if decided:
            return (
                passed(evidence, "Approved by policy.")
                if decided == "approved"
                else failed(evidence, "Refused by policy.")
            )
        entry = subject.around.tables.drivers.known(driver)
        if entry is None:
            return unknown(
                "The table of drivers does not have it; an admin can approve or refuse it in the policy.", evidence
            )
        if entry.status == "ended":
            return failed(evidence, entry.note)
        if entry.status == "doubtful":
            return unknown(f"{entry.note} An admin can approve or refuse it in the policy.", evidence)
        return passed(evidence, entry.note)
