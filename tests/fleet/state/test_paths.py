from __future__ import annotations

import pytest

from fleet.state import Where
from tests.builders import bind_mount
from tests.fleet.state.places import member, only


@pytest.mark.parametrize(
    "source",
    [
        "/var/run/docker.sock", "/run/podman/podman.sock", "/srv/app/app.sock", "/etc/localtime", "/etc/timezone",
        "/proc", "/sys/fs/cgroup", "/dev/fuse", "/run", "/var/run/nscd", "/lib/modules", "/usr/share/zoneinfo/UTC",
        "/etc/hosts",
    ],
)  # fmt: skip
def test_sockets_and_what_is_the_hosts_own_is_no_state(source: str) -> None:
    held = only(member(bind_mount(source, "/data", writable=True)))
    assert (held.where, held.counts, held.survives) == (Where.NOWHERE, False, True)


@pytest.mark.parametrize(
    "source", ["/srv/data", "/etc/app", "/var/log/app", "/tmp/data", "/", "/var/lib/app", "/runner"]
)
def test_other_folders_of_the_host_are(source: str) -> None:
    held = only(member(bind_mount(source, "/data", writable=True)))
    assert (held.where, held.counts, held.survives, held.source) == (Where.THIS_HOST, True, False, source)


def test_what_is_mounted_where_secrets_are_is_no_state() -> None:
    held = only(member(bind_mount("/srv/secrets/key", "/run/secrets/key", writable=True)), "/run/secrets/key")
    assert held.counts is False
