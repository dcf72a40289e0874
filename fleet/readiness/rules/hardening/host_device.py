"""A device of the host in a container is a piece of the host in a container."""

from __future__ import annotations

from fleet.readiness.findings import Json, Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity

_RAW = ("/dev/mem", "/dev/kmem", "/dev/port", "/dev/sd", "/dev/nvme", "/dev/vd", "/dev/xvd", "/dev/dm-", "/dev/mapper")


class HostDevice(ContainerRule):
    """The container has devices of the host.

    What it looks at:
    HostConfig.Devices, DeviceCgroupRules, and the number of DeviceRequests, which is how GPUs are asked for. Disks and
    memory are critical, GPUs worth a note.

    Why it matters:
    With a disk the container reads and writes every file of the host, past all its permissions; with /dev/mem the
    kernel itself. Even a harmless device ties the service to hosts that have it.

    How to fix:
    Take the device out, or give the one that is needed with the rights that are needed: r for reading alone.

    What the fix may break:
    Programs that drive hardware need their device; declare it with the label loadline.role=device.

    References:
    - CIS Docker 1.6.0 5.18
    """

    title = "Host device exposed"
    good = "It has no device of the host."
    catalogue = "HRD-016"
    severity = Severity.MEDIUM
    facts = ("HostConfig.Devices", "HostConfig.DeviceCgroupRules", "HostConfig.DeviceRequests")
    linux_only = True
    remedy = Remedy(
        docker="docker run …   # without --device, or --device /dev/ttyUSB0:/dev/ttyUSB0:r", compose="# no devices:"
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        facts = subject.facts
        if known(facts.privileged, "HostConfig.Privileged"):
            return not_applicable("It is privileged, which another rule says.")
        devices = known(facts.devices, "HostConfig.Devices")
        found: dict[str, Json] = {}
        if devices:
            found["HostConfig.Devices"] = [f"{one.host_path}:{one.permissions}" for one in devices]
        if facts.device_cgroup_rules:
            found["HostConfig.DeviceCgroupRules"] = list(facts.device_cgroup_rules)
        raw = any(one.host_path.startswith(_RAW) for one in devices)
        if found and raw:
            return failed(found, severity=Severity.CRITICAL)
        if found and "device" in subject.roles:
            return not_applicable("Its role says that it drives hardware.")
        if found:
            return failed(found)
        if facts.device_requests:
            return failed({"HostConfig.DeviceRequests": facts.device_requests}, severity=Severity.INFO, cis=())
        return passed()
