from __future__ import annotations

import pytest

from fleet.inventory import Mount
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.hardening.sensitive_host_path import SensitiveHostPath
from fleet.readiness.vocabulary import Severity, Status
from tests.builders import around, bind_mount, container_subject, host, volume_mount

RULE = SensitiveHostPath()


@pytest.mark.parametrize("source", ["/", "/etc", "/etc/shadow", "/var", "/var/run/dbus", "/home/deploy/data"])
def test_a_sensitive_path_fails(source: str) -> None:
    outcome = RULE.judge(container_subject(mounts=(bind_mount(source),)))
    assert (outcome.status, outcome.severity) == (Status.FAIL, None)
    assert outcome.evidence == {"Mounts[]": [{"Source": source, "Destination": "/mnt", "RW": True}]}


@pytest.mark.parametrize(
    ("sources", "cis"),
    [
        (("/",), None),
        (("/etc/",), None),
        (("/usr/share",), None),
        (("/lib64", "/home/deploy"), None),
        (("/home/deploy",), ()),
        (("/var/run",), ()),
        (("/root", "/var/lib/docker"), ()),
    ],
)
def test_the_benchmark_counts_the_operating_systems_own_folders(
    sources: tuple[str, ...], cis: tuple[str, ...] | None
) -> None:
    for writable in (True, False):
        mounts = tuple(bind_mount(source, f"/mnt{number}", writable=writable) for number, source in enumerate(sources))
        outcome = RULE.judge(container_subject(mounts=mounts))
        assert (outcome.status, outcome.cis) == (Status.FAIL, cis)


def test_the_engines_own_data_folder_fails_wherever_it_is() -> None:
    moved = around(host=host(root_dir="/data/docker"))
    assert RULE.judge(container_subject(mounts=(bind_mount("/data"),), around=moved)).status is Status.FAIL


def test_read_only_mounts_are_high() -> None:
    outcome = RULE.judge(container_subject(mounts=(bind_mount("/etc", writable=False),)))
    assert (outcome.status, outcome.severity) == (Status.FAIL, Severity.HIGH)


@pytest.mark.parametrize("writable", [True, None])
def test_one_writable_mount_among_read_only_ones_is_critical(writable: bool | None) -> None:
    mounts = (bind_mount("/etc", writable=False), bind_mount("/usr", "/host/usr", writable=writable))
    assert RULE.judge(container_subject(mounts=mounts)).severity is None


def test_a_writable_mount_of_what_is_harmless_to_read_fails() -> None:
    assert RULE.judge(container_subject(mounts=(bind_mount("/etc/ssl/certs"),))).status is Status.FAIL


@pytest.mark.parametrize(("mounts", "fact"), [(None, "Mounts"), ((Mount("bind", "/mnt"),), r"Mounts\[\]\.Source")])
def test_an_unreported_mount_is_a_missing_fact(mounts: tuple[Mount, ...] | None, fact: str) -> None:
    with pytest.raises(MissingFactError, match=fact):
        RULE.judge(container_subject(mounts=mounts))


@pytest.mark.parametrize(
    "mount",
    [
        bind_mount("/srv/app"),
        bind_mount("/etc/localtime"),
        bind_mount("/dev/shm"),
        bind_mount("/etc/ssl/certs", writable=False),
        bind_mount("/var/run/docker.sock"),
        volume_mount("data"),
        Mount("tmpfs", "/etc"),
    ],
    ids=lambda mount: mount.source or mount.kind,
)
def test_other_mounts_pass(mount: Mount) -> None:
    # The engine's socket has a rule of its own: one mount, one finding.
    assert RULE.judge(container_subject(mounts=(mount,))).status is Status.PASS
