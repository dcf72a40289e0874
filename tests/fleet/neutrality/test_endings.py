from __future__ import annotations

from datetime import date
from typing import Any

from fleet.inventory import Component, PluginFacts
from fleet.neutrality import Ending, endings_of
from fleet.tables import Tables
from tests.builders import host

TODAY = date(2026, 11, 24)
DEBIAN = {"operating_system": "Debian GNU/Linux 12 (bookworm)", "os_version": "12"}


def on(plugins: tuple[PluginFacts, ...] | None = (), **changes: Any) -> dict[str, Ending]:
    found = endings_of(host(**changes), plugins, tables=Tables.shipped(), today=TODAY)
    assert len({one.slug for one in found}) == len(found)
    return {one.slug: one for one in found}


def test_a_host_runs_an_engine_what_is_below_it_and_a_system() -> None:
    found = on()
    assert list(found) == ["engine-29", "containerd-2.3", "runc-1.4", "system-ubuntu-24.04"]
    assert found["engine-29"].title == "Docker Engine 29"
    assert found["engine-29"].end is None
    assert found["containerd-2.3"].end == date(2028, 4, 30)
    assert (found["system-ubuntu-24.04"].end, found["system-ubuntu-24.04"].extended) == (
        date(2029, 5, 31),
        date(2036, 5, 31),
    )


def test_a_distributions_engine_ends_with_the_distribution() -> None:
    found = on(engine_version="20.10.24+dfsg1", **DEBIAN)
    assert found["engine-debian-12"].title == "Docker Engine of Debian 12"
    assert found["engine-debian-12"].end == found["system-debian-12"].end == date(2026, 7, 11)


def test_a_distributions_runc_is_unknown_with_upstreams_end_as_a_hint() -> None:
    parts = (Component("runc", "1.1.5+ds1"),)
    found = on(components=parts, runc_commit="1.1.5+ds1-1+deb12u1", **DEBIAN)
    runc = found["runc-1.1.5-ds1-1-deb12u1"]
    assert not runc.told
    assert runc.end is None
    assert "upstream's 1.1 ended by 05 November 2025" in runc.reason


def test_what_is_not_in_the_tables_is_unknown() -> None:
    found = on(operating_system="Minix 3", engine_version="99.1.0")
    assert found["system-minix-3"].reason
    assert found["engine-99.1.0"].reason


def test_what_the_engine_does_not_tell_is_not_listed() -> None:
    assert on(engine_version=None, components=(), runc_commit=None, operating_system=None) == {}


def test_plugins_end_as_the_table_of_drivers_says() -> None:
    managed = (PluginFacts(name="vieux/sshfs:latest", enabled=True), PluginFacts(name="off", enabled=False))
    found = on(managed, volume_plugins=("local", "flocker", "pxd", "rexray"), network_plugins=("bridge", "weave"))
    assert found["plugin-flocker"].over
    assert found["plugin-flocker"].told
    assert found["plugin-pxd"].told
    assert not found["plugin-pxd"].over
    assert not found["plugin-rexray"].told
    assert not found["plugin-sshfs"].told
    assert not found["plugin-weave"].told
    assert "plugin-off" not in found
