from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fleet.engines.reading import host
from fleet.inventory import Component, HostFacts, Registry
from fleet.transport import Endpoint, TlsMaterial
from tests.fleet.engines.recordings import recorded

DOCKER = recorded("docker-20.10")
PODMAN = recorded("podman-4.3.1")
ASKED = datetime(2026, 11, 24, 2, 20, 6, 641788, tzinfo=UTC)


def read(replies: dict[str, Any] = DOCKER, *, endpoint: Endpoint | None = None, **info: Any) -> HostFacts:
    changed = copy.deepcopy(replies["/info"]) | info
    return host.from_replies(
        replies["/version"],
        changed,
        asked_at=ASKED,
        round_trip=0.01,
        endpoint=endpoint or Endpoint("unix:///run/docker.sock"),
        volume_warnings=(),
    )


def test_docker_is_read_in_full() -> None:
    facts = read()
    assert (facts.kind, facts.name, facts.engine_version, facts.api_version) == (
        "docker",
        "manager",
        "20.10.24+dfsg1",
        "1.41",
    )
    assert Component("runc", "1.1.5+ds1") in (facts.components or ())
    assert facts.engine_commit == "5d6db84"
    assert facts.runc_commit == "1.1.5+ds1-1+deb12u1"
    assert (facts.storage_driver, (facts.storage_status or {})["Supports d_type"]) == ("overlay2", "true")
    assert facts.registries == (Registry("docker.io", secure=True, official=True),)
    assert facts.insecure_registry_cidrs == ("127.0.0.0/8",)
    assert (facts.warnings, facts.authorization_plugins, facts.labels) == ((), (), ())
    assert facts.security_options == ("name=seccomp,profile=default",)
    assert (facts.live_restore, facts.cgroup_version, facts.cpus) == (False, "1", 2)


def test_a_manager_tells_of_its_swarm_without_tokens() -> None:
    swarm = read().swarm
    assert swarm is not None
    assert (swarm.state, swarm.control_available, swarm.managers, swarm.nodes) == ("active", True, 1, 2)
    assert (swarm.autolock, swarm.certificate_expiry) == (False, timedelta(days=90).total_seconds())
    assert swarm.root_certificate_expires == datetime(2046, 11, 19, 2, 15, tzinfo=UTC)


def test_a_certificate_that_is_none_is_unknown() -> None:
    swarm = copy.deepcopy(DOCKER["/info"]["Swarm"])
    for text in ("", "rubbish", "-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----", 7):
        swarm["Cluster"]["TLSInfo"]["TrustRoot"] = text
        told = read(Swarm=swarm).swarm
        assert told is not None
        assert told.root_certificate_expires is None


def test_podmans_constants_are_no_evidence() -> None:
    facts = read(PODMAN)
    assert facts.kind == "podman"
    assert (facts.experimental, facts.live_restore, facts.runtimes, facts.registries) == (None, None, None, None)
    assert (facts.logging_driver, facts.runc_commit, facts.containerd_commit) == (None, None, None)
    assert (facts.operating_system, facts.os_version) == ("debian", "12")


def test_rootless_podman_says_so_like_docker() -> None:
    assert "name=rootless" in (read(PODMAN, Rootless=True).security_options or ())
    assert "name=rootless" not in (read(PODMAN, Rootless=False).security_options or ())


def test_the_clock_offset_is_the_engines_time_less_ours_half_way() -> None:
    assert read(SystemTime="2026-11-24T02:20:16.641788Z").clock_offset == pytest.approx(10)
    assert read(SystemTime="2026-11-24T02:19:56.641788Z").clock_offset == pytest.approx(-10)
    assert read(SystemTime="noon").clock_offset is None


def test_a_secret_in_a_daemon_label_a_warning_or_a_mirror_is_dropped() -> None:
    indexes = {"r": {"Name": "r", "Secure": False, "Mirrors": ["https://bob:hunter2@mirror.example.org"]}}
    facts = read(
        Labels=["env=prod", "api_token=hunter2"],
        Warnings=["WARNING: login with password=hunter2"],
        RegistryConfig={"IndexConfigs": indexes},
        HttpProxy="http://bob:hunter2@proxy:3128",
    )
    assert "hunter2" not in repr(facts)
    assert (facts.labels or ())[0] == "env=prod"
    assert [registry.secure for registry in facts.registries or ()] == [False]


@pytest.mark.parametrize(
    ("url", "tls", "scheme", "loopback"),
    [
        ("unix:///run/docker.sock", None, "unix", True),
        ("tcp://10.0.0.5:2375", None, "tcp", False),
        ("http://127.0.0.1:2375", None, "tcp", True),
        ("tcp://10.0.0.5:2376", TlsMaterial(), "https", False),
        ("ssh://ops@10.0.0.5", None, "ssh", False),
    ],
)
def test_how_the_engine_is_reached_is_a_fact(url: str, tls: TlsMaterial | None, scheme: str, loopback: bool) -> None:
    facts = read(endpoint=Endpoint(url, tls))
    assert (facts.endpoint_scheme, facts.endpoint_loopback) == (scheme, loopback)


def test_a_storage_status_of_another_shape_is_unknown() -> None:
    assert read(DriverStatus=[["a", "b", "c"]]).storage_status is None
    assert read(DriverStatus=[]).storage_status == {}
