from __future__ import annotations

import pytest

from fleet.inventory import PluginFacts
from fleet.state import Health, Where
from tests.builders import volume, volume_mount
from tests.fleet.state.places import member, only, with_volume


@pytest.mark.parametrize(
    ("options", "where"),
    [
        (None, Where.THIS_HOST),
        ({}, Where.THIS_HOST),
        ({"type": "none", "o": "bind", "device": "/srv/data"}, Where.THIS_HOST),
        ({"type": "ext4", "device": "/dev/sdb1"}, Where.THIS_HOST),
        ({"type": "nfs", "o": "addr=10.0.0.9,nfsvers=4,hard", "device": ":/export"}, Where.ELSEWHERE),
        ({"type": "nfs4", "o": "rw", "device": "nas:/export"}, Where.ELSEWHERE),
        ({"type": "cifs", "o": "addr=nas", "device": "//nas/share"}, Where.ELSEWHERE),
        ({"type": "glusterfs", "device": "gluster-1:/vol"}, Where.ELSEWHERE),
        ({"type": "ceph", "o": "name=admin", "device": "mon-1:6789:/"}, Where.SEVERAL),
        ({"type": "nfs", "o": "addr=127.0.0.1,nfsvers=4", "device": ":/export"}, Where.THIS_HOST),
        ({"type": "nfs", "o": "rw", "device": "localhost:/export"}, Where.THIS_HOST),
        ({"type": "cifs", "o": "rw", "device": "//127.0.0.1/share"}, Where.THIS_HOST),
        ({"type": "oddfs", "device": "somewhere"}, Where.UNKNOWN),
    ],
)
def test_the_engines_own_driver_lies_where_its_options_say(options: dict[str, str] | None, where: Where) -> None:
    held = only(with_volume(options=options))
    assert (held.where, held.health, held.counts) == (where, Health.BUILT_IN, True)


def test_a_volume_in_memory_is_no_state_of_a_web_server() -> None:
    held = only(with_volume(options={"type": "tmpfs", "device": "tmpfs"}))
    assert (held.where, held.counts, held.survives) == (Where.MEMORY, False, False)


def test_a_volume_that_hides_the_engines_socket_is_no_state() -> None:
    held = only(with_volume(options={"o": "bind", "device": "/var/run/docker.sock"}))
    assert (held.where, held.counts, held.reason) == (Where.NOWHERE, False, "It is a socket.")


@pytest.mark.parametrize(
    ("driver", "options", "where"),
    [
        ("flocker", None, Where.ELSEWHERE),
        ("rexray/ebs:latest", None, Where.ELSEWHERE),
        ("local-persist", {"mountpoint": "/srv"}, Where.THIS_HOST),
        ("drbd", None, Where.SEVERAL),
        ("pxd", {"repl": "3"}, Where.SEVERAL),
        ("pxd", {"repl": "1"}, Where.ONE_MACHINE),
        ("pxd", {"size": "10G"}, Where.UNKNOWN),
        ("pxd", {"repl": "many"}, Where.UNKNOWN),
        ("pxd", None, Where.UNKNOWN),
        ("convoy", None, Where.UNKNOWN),
        ("never-heard-of", None, Where.UNKNOWN),
    ],
)
def test_a_plugin_lies_where_the_table_says(driver: str, options: dict[str, str] | None, where: Where) -> None:
    held = only(with_volume(driver, options))
    assert (held.where, held.health, held.driver) == (where, Health.ANSWERS, driver)


def test_a_plugin_that_nobody_knows_may_speak_for_itself() -> None:
    held = only(with_volume("never-heard-of", scope="global"))
    assert (held.where, held.options) == (Where.ELSEWHERE, {"Scope": "global"})


def test_a_table_knows_better_than_the_plugin() -> None:
    assert only(with_volume("local-persist", scope="global")).where is Where.THIS_HOST


def test_a_dead_plugin_holds_data_that_nobody_reaches() -> None:
    warning = 'list: Post "http://%2Frun%2Fdocker%2Fplugins%2Fflocker.sock/VolumeDriver.List": flocker: no such file'
    held = only(with_volume("flocker", warnings=(warning,)))
    assert (held.where, held.health, held.survives) == (Where.UNKNOWN, Health.SILENT, None)
    assert "does not answer" in held.reason


def test_a_warning_about_a_plugin_of_a_longer_name_is_not_about_this_one() -> None:
    assert only(with_volume("flocker", warnings=("flocker-two does not answer",))).health is Health.ANSWERS


def test_a_disabled_plugin_is_said_to_be_disabled_although_its_volumes_are_listed_no_more() -> None:
    disabled = PluginFacts(name="vieux/sshfs:latest", enabled=False)
    held = only(member(volume_mount(driver="vieux/sshfs"), plugins=(disabled,)))
    assert (held.where, held.health) == (Where.UNKNOWN, Health.DISABLED)


@pytest.mark.parametrize("enabled", [True, None])
def test_a_managed_plugin_answers_when_the_engine_says_so(enabled: bool | None) -> None:
    plugin = PluginFacts(name="vieux/sshfs:latest", enabled=enabled)
    health = only(with_volume("vieux/sshfs:latest", plugins=(plugin,))).health
    assert health is (Health.ANSWERS if enabled else Health.UNKNOWN)


@pytest.mark.parametrize("untold", ["warnings", "plugins"])
def test_without_the_engines_word_a_plugins_health_is_unknown(untold: str) -> None:
    held = only(with_volume("flocker", **{untold: None}))
    assert (held.where, held.health) == (Where.UNKNOWN, Health.UNKNOWN)


def test_a_volume_that_the_engine_does_not_list_is_unknown() -> None:
    assert only(member(volume_mount(driver="flocker"))).where is Where.UNKNOWN
    assert only(member(volume_mount(driver="local"))).where is Where.UNKNOWN
    assert only(member(volume_mount(driver=None))).where is Where.UNKNOWN


def test_what_the_list_of_volumes_says_counts_before_the_mount() -> None:
    told = volume(driver="flocker")
    assert only(member(volume_mount(driver=None), volumes=(told,))).driver == "flocker"
