from __future__ import annotations

import pytest

from fleet.inventory.paths import exposed_socket, is_system_area, normalise, sensitive_area


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("/var/run/", "/run"),
        ("/var/run/docker.sock", "/run/docker.sock"),
        ("/var/runner", "/var/runner"),
        ("//etc//ssl/./certs/..", "/etc/ssl"),
        ("/bin/sh", "/usr/bin/sh"),
        ("/..", "/"),
        ("", "/"),
        ("/run/desktop/mnt/host/c/Users/me", "/host_mnt/c/Users/me"),
    ],
)
def test_a_path_has_one_spelling(path: str, plain: str) -> None:
    assert normalise(path) == plain


@pytest.mark.parametrize(
    ("source", "socket"),
    [
        ("/var/run/docker.sock", "/var/run/docker.sock"),
        ("/srv/rootless/docker.sock", "/srv/rootless/docker.sock"),
        ("/var/run/docker.sock.raw", "/var/run/docker.sock.raw"),
        ("/run/host-services/docker.proxy.sock", "/run/host-services/docker.proxy.sock"),
        ("/run/cri-dockerd.sock", "/run/cri-dockerd.sock"),
        ("//./pipe/docker_engine", "//./pipe/docker_engine"),
        ("/", "/run/docker.sock"),
        ("/run/podman", "/run/podman/podman.sock"),
        ("/run/docker/containerd", "/run/docker/containerd/containerd.sock"),
    ],
)
def test_a_socket_or_the_folder_around_it_exposes_it(source: str, socket: str) -> None:
    assert exposed_socket(source) == socket


@pytest.mark.parametrize("source", ["/run/docker/plugins", "/run/systemd", "/var/lib", "/srv/docker.socket"])
def test_another_path_exposes_no_socket(source: str) -> None:
    assert exposed_socket(source) is None


@pytest.mark.parametrize(
    ("source", "area"),
    [
        ("/", "/"),
        ("/etc", "/etc"),
        ("/etc/cron.d", "/etc"),
        ("/var/lib", "/var/lib/docker"),
        ("/var/lib/containerd/x", "/var/lib/containerd"),
        ("/lib64", "/lib64"),
        ("/sbin", "/usr"),
        ("/var/run/dbus", "/run"),
        ("/etc/../root/.ssh", "/root"),
    ],
)
def test_a_path_that_is_in_or_around_a_sensitive_one_is_sensitive(source: str, area: str) -> None:
    assert sensitive_area(source) == area


@pytest.mark.parametrize("source", ["/srv", "/data/etc", "/etcetera", "/var/log", "/opt", "/library", "/mnt"])
def test_another_path_is_not_sensitive(source: str) -> None:
    assert sensitive_area(source) is None


def test_the_engines_own_folder_is_sensitive_where_it_says_it_is() -> None:
    assert sensitive_area("/data", root_dir="/data/docker/") == "/data/docker"
    assert sensitive_area("/data") is None


@pytest.mark.parametrize("source", ["/etc/ssl/certs", "/etc/timezone", "/usr/share/zoneinfo/UTC"])
def test_what_is_harmless_to_read_is_sensitive_only_when_writable(source: str) -> None:
    assert sensitive_area(source, writable=False) is None
    assert sensitive_area(source, writable=True) is not None


@pytest.mark.parametrize("source", ["/etc/localtime", "/dev/shm", "/dev/shm/queue"])
def test_what_is_harmless_to_write_is_never_sensitive(source: str) -> None:
    assert sensitive_area(source) is None


@pytest.mark.parametrize("source", ["/etc/ssl", "/dev", "/usr/share"])
def test_a_folder_around_something_harmless_stays_sensitive(source: str) -> None:
    assert sensitive_area(source, writable=False) is not None


@pytest.mark.parametrize(
    ("source", "own"), [("/", True), ("/bin", True), ("/etc/ssh", True), ("/root", False), ("/var", False)]
)
def test_an_area_is_the_systems_own_or_somebody_elses(source: str, own: bool) -> None:
    area = sensitive_area(source)
    assert area is not None
    assert is_system_area(area) is own
