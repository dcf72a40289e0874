from __future__ import annotations

import pytest

from fleet.inventory import Mount
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.hardening.engine_socket_mounted import EngineSocketMounted
from fleet.readiness.vocabulary import Status
from tests.builders import around, bind_mount, container_subject, volume, volume_mount

RULE = EngineSocketMounted()
SOCKET = "/var/run/docker.sock"


@pytest.mark.parametrize(
    "source",
    [SOCKET, "/run/user/1000/podman/podman.sock", "/run/containerd/containerd.sock", "/", "/run", "/var/run/"],
)
def test_the_socket_or_a_folder_that_holds_it_fails(source: str) -> None:
    outcome = RULE.judge(container_subject(mounts=(bind_mount(source, "/mnt"),)))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"Mounts[].Source": [f"{source}:/mnt"]}
    assert ".sock" in outcome.reason


@pytest.mark.parametrize(
    ("sources", "cis"), [(("/",), ()), (("/", SOCKET), None), (("/var/run",), None), ((SOCKET,), None)]
)
def test_the_whole_root_is_another_item_of_the_benchmark(sources: tuple[str, ...], cis: tuple[str, ...] | None) -> None:
    mounts = tuple(bind_mount(source, f"/mnt{number}") for number, source in enumerate(sources))
    outcome = RULE.judge(container_subject(mounts=mounts))
    assert (outcome.status, outcome.severity, outcome.cis) == (Status.FAIL, None, cis)


def test_a_read_only_mount_is_no_better() -> None:
    assert RULE.judge(container_subject(mounts=(bind_mount(SOCKET, writable=False),))).status is Status.FAIL


def test_the_named_pipe_of_windows_fails() -> None:
    pipe = Mount("npipe", r"\\.\pipe\docker_engine", r"\\.\pipe\docker_engine")
    assert RULE.judge(container_subject(mounts=(pipe,))).status is Status.FAIL


def test_a_local_volume_that_hides_the_folder_fails() -> None:
    disguised = volume(name="innocent", options={"type": "none", "o": "bind", "device": "/var/run"})
    subject = container_subject(mounts=(volume_mount("innocent"),), around=around(volumes=(disguised,)))
    assert RULE.judge(subject).status is Status.FAIL


@pytest.mark.parametrize(("mounts", "fact"), [(None, "Mounts"), ((Mount("bind", "/mnt"),), r"Mounts\[\]\.Source")])
def test_an_unreported_mount_is_a_missing_fact(mounts: tuple[Mount, ...] | None, fact: str) -> None:
    with pytest.raises(MissingFactError, match=fact):
        RULE.judge(container_subject(mounts=mounts))


@pytest.mark.parametrize(
    "mounts",
    [
        (),
        (bind_mount("/run/docker/plugins"),),
        (bind_mount("/srv/docker.sock.d"),),
        (volume_mount("data"),),
        (volume_mount("never-seen"),),
        (Mount("tmpfs", "/run"),),
    ],
    ids=["none", "another folder of the engine", "another name", "a volume", "an unseen volume", "a tmpfs of its own"],
)
def test_other_mounts_pass(mounts: tuple[Mount, ...]) -> None:
    assert RULE.judge(container_subject(mounts=mounts, around=around(volumes=(volume(),)))).status is Status.PASS
