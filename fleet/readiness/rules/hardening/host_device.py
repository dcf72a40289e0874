"""A device file is a door into the host's kernel and, for a disk, into everything on it."""

from __future__ import annotations

from collections.abc import Mapping

from fleet.inventory.paths import normalise
from fleet.readiness.findings import Json, Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity

#: Memory and disks: whoever reads or writes them needs no other way in.
_THE_HOST_ITSELF = (
    *("/dev/mem", "/dev/kmem", "/dev/port"),
    *("/dev/sd", "/dev/hd", "/dev/vd", "/dev/xvd", "/dev/nvme", "/dev/mmcblk", "/dev/sg"),
    *("/dev/dm-", "/dev/mapper/", "/dev/md", "/dev/disk/"),
)
#: What a container of that role is there for.
_OF_ROLE: Mapping[str, tuple[str, ...]] = {
    "gpu": ("/dev/nvidia", "/dev/dri", "/dev/kfd"),
    "serial": ("/dev/ttyS", "/dev/ttyUSB", "/dev/ttyACM", "/dev/ttyAMA", "/dev/serial/"),
    "device": ("/dev/",),
}


class HostDevice(ContainerRule):
    """A device of the host was handed to the container.

    What it looks at:
    HostConfig.Devices and HostConfig.DeviceCgroupRules. It is critical for the host's memory (/dev/mem, /dev/kmem,
    /dev/port) and its disks (/dev/sd…, /dev/nvme…, /dev/vd…, /dev/mapper/…), for all of /dev, and for a rule that
    allows block devices or all devices. HostConfig.DeviceRequests, graphics cards mostly, are only noted.
    A container that is declared to drive hardware is left out for it: the role gpu for graphics cards, serial for
    serial ports, device for any but memory and disks. A privileged container has every device; only those named
    besides are judged here.

    Why it matters:
    A disk's device is the disk: with it a container reads and writes every file of the host, past all owners and
    mounts. Other devices talk to a driver, which is kernel code that few people ever attacked on purpose. A rule for
    device numbers lets root in the container make the device file itself.

    How to fix:
    Name the one device that the program drives, with the least rights: --device /dev/ttyUSB0:/dev/ttyUSB0:rw. For a
    disk, let the host mount it and pass a volume. Replace a rule by --device where the device is there at start.
    Where it is the container's work, say so with the label loadline.role=gpu, serial or device.

    What the fix may break:
    Programs that look for their device themselves need its path in their configuration. A device that is plugged in
    later is not seen until the container starts anew.

    References:
    - CIS Docker 1.6.0 5.18
    - NIST SP 800-190 4.4.3
    - Linux kernel documentation, device allowlist controller
    """

    title = "Host device inside a container"
    good = "No device of the host is handed to the container."
    catalogue = "HRD-016"
    severity = Severity.MEDIUM
    facts = ("HostConfig.Devices", "HostConfig.DeviceCgroupRules", "HostConfig.DeviceRequests")
    linux_only = True
    remedy = Remedy(
        docker="docker run -v shop-data:/data …   # without --device and --device-cgroup-rule",
        compose="volumes: [shop-data:/data]   # without devices and device_cgroup_rules",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        facts = subject.facts
        devices = known(facts.devices, "HostConfig.Devices")
        rules = known(facts.device_cgroup_rules, "HostConfig.DeviceCgroupRules")
        requests = known(facts.device_requests, "HostConfig.DeviceRequests")
        if devices or rules or requests:
            return _found(subject, [normalise(device.host_path) for device in devices], rules, requests)
        if facts.privileged:
            return not_applicable("A privileged container has every device; see privileged-container.")
        return passed()


def _found(subject: ContainerSubject, paths: list[str], rules: tuple[str, ...], requests: int) -> Outcome:
    roles = subject.roles & _OF_ROLE.keys()
    declared = tuple(path for role in roles for path in _OF_ROLE[role])
    left = sorted({path for path in paths if _is_the_host(path) or not path.startswith(declared)})
    evidence: dict[str, Json] = {}
    if left:
        evidence["HostConfig.Devices"] = left
    if rules:
        evidence["HostConfig.DeviceCgroupRules"] = sorted(rules)
    if requests and not roles & {"gpu", "device"}:
        evidence["HostConfig.DeviceRequests"] = requests
    if not evidence:
        return not_applicable(f"The container is declared to use them: its role is {' and '.join(sorted(roles))}.")
    worst = any(map(_is_the_host, left)) or any(rule.lstrip()[:1] in {"a", "b"} for rule in rules)
    milder = None if left or rules else Severity.INFO
    return failed(evidence, severity=Severity.CRITICAL if worst else milder, cis=None if left else ())


def _is_the_host(path: str) -> bool:
    return path == "/dev" or path.startswith(_THE_HOST_ITSELF)
