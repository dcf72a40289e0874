from __future__ import annotations

import pytest

from fleet.inventory import Device
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.hardening.host_device import HostDevice
from fleet.readiness.vocabulary import Severity, Status
from tests.builders import container_subject

RULE = HostDevice()


def handed(*paths: str) -> tuple[Device, ...]:
    return tuple(Device(path, path, "rwm") for path in paths)


@pytest.mark.parametrize("path", ["/dev/fuse", "/dev/kvm", "/dev/ttyUSB0", "/dev/net/tun", "/dev/snd"])
def test_a_device_fails(path: str) -> None:
    outcome = RULE.judge(container_subject(devices=handed(path)))
    assert (outcome.status, outcome.severity, outcome.cis) == (Status.FAIL, None, None)
    assert outcome.evidence == {"HostConfig.Devices": [path]}


@pytest.mark.parametrize(
    "path",
    [
        *("/dev/mem", "/dev/kmem", "/dev/port", "/dev", "/dev/", "/dev//sda", "/dev/../dev/sda1"),
        *("/dev/sda", "/dev/sdb1", "/dev/nvme0n1", "/dev/vda", "/dev/xvdf", "/dev/mapper/root", "/dev/dm-0"),
    ],
)
def test_the_hosts_memory_and_disks_are_critical(path: str) -> None:
    outcome = RULE.judge(container_subject(devices=handed("/dev/fuse", path)))
    assert (outcome.status, outcome.severity, outcome.cis) == (Status.FAIL, Severity.CRITICAL, None)


@pytest.mark.parametrize(
    ("rule", "severity"),
    [("c 188:* rmw", None), ("b 8:* rmw", Severity.CRITICAL), ("a *:* rwm", Severity.CRITICAL)],
)
def test_a_rule_for_device_numbers_fails(rule: str, severity: Severity | None) -> None:
    outcome = RULE.judge(container_subject(device_cgroup_rules=(rule,)))
    assert (outcome.status, outcome.severity, outcome.cis) == (Status.FAIL, severity, ())
    assert outcome.evidence == {"HostConfig.DeviceCgroupRules": [rule]}


def test_graphics_cards_alone_are_only_noted() -> None:
    outcome = RULE.judge(container_subject(device_requests=1))
    assert (outcome.status, outcome.severity, outcome.cis) == (Status.FAIL, Severity.INFO, ())
    assert outcome.evidence == {"HostConfig.DeviceRequests": 1}


@pytest.mark.parametrize("role", ["gpu", "device"])
def test_a_role_does_not_excuse_a_disk(role: str) -> None:
    devices = handed("/dev/dri/card0", "/dev/sda")
    outcome = RULE.judge(container_subject(devices=devices, device_requests=1, labels={"loadline.role": role}))
    assert (outcome.status, outcome.severity) == (Status.FAIL, Severity.CRITICAL)
    assert outcome.evidence == {"HostConfig.Devices": ["/dev/sda"]}


def test_a_device_named_besides_privileged_fails() -> None:
    assert RULE.judge(container_subject(privileged=True, devices=handed("/dev/fuse"))).status is Status.FAIL


def test_a_privileged_container_is_left_to_its_own_rule() -> None:
    assert RULE.judge(container_subject(privileged=True)).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("role", "devices", "requests"),
    [
        ("gpu", (), 1),
        ("gpu", ("/dev/nvidia0", "/dev/nvidiactl"), 0),
        ("serial", ("/dev/ttyUSB0",), 0),
        ("gpu, serial", ("/dev/ttyACM0",), 1),
        ("device", ("/dev/fuse", "/dev/net/tun"), 1),
    ],
)
def test_a_declared_device_is_the_containers_work(role: str, devices: tuple[str, ...], requests: int) -> None:
    subject = container_subject(devices=handed(*devices), device_requests=requests, labels={"loadline.role": role})
    assert RULE.judge(subject).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("field", "fact"),
    [("devices", "Devices"), ("device_cgroup_rules", "DeviceCgroupRules"), ("device_requests", "DeviceRequests")],
)
def test_an_unreported_list_is_a_missing_fact(field: str, fact: str) -> None:
    with pytest.raises(MissingFactError, match=rf"HostConfig\.{fact}"):
        RULE.judge(container_subject(**{field: None}))


def test_no_device_passes() -> None:
    assert RULE.judge(container_subject()).status is Status.PASS
