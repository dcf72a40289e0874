"""Registering simulated hosts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fleet.models import Host
from fleet.registration import Entry, register_company, register_simulated
from tests.builders import NOW
from tests.rows import host_row

pytestmark = pytest.mark.django_db


def _entries(**ports: int) -> list[Entry]:
    return [Entry(name=name, url=f"tcp://127.0.0.1:{port}", environment="test") for name, port in ports.items()]


def _registered() -> dict[str, str]:
    return dict(Host.objects.values_list("name", "url"))


def test_simulated_hosts_carry_their_mark_and_are_due() -> None:
    register_simulated(_entries(a=1, b=2), now=NOW)
    assert Host.objects.filter(simulated=True).count() == 2
    assert Host.objects.due(NOW).count() == 2


def test_doing_it_again_changes_nothing() -> None:
    register_simulated(_entries(a=1, b=2), now=NOW)
    before = list(Host.objects.values())
    register_simulated(_entries(a=1, b=2), now=NOW + timedelta(hours=1))
    assert list(Host.objects.values()) == before


def test_hosts_that_swapped_their_ports_are_moved() -> None:
    register_simulated(_entries(a=1, b=2), now=NOW)
    register_simulated(_entries(a=2, b=1), now=NOW)
    assert _registered() == {"a": "tcp://127.0.0.1:2", "b": "tcp://127.0.0.1:1"}


def test_a_real_host_keeps_its_name() -> None:
    host_row("a", url="tcp://10.0.0.1:2376")
    register_simulated(_entries(a=1), now=NOW)
    register_simulated(_entries(a=2), now=NOW)
    assert _registered() == {"a": "tcp://10.0.0.1:2376", "simulated-a": "tcp://127.0.0.1:2"}


def test_the_demos_company_stands_on_consecutive_ports_in_all_environments() -> None:
    hosts = register_company(now=NOW, base_port=21000)
    ports = sorted(int(host.url.rpartition(":")[2]) for host in hosts)
    assert ports == list(range(21000, 21000 + len(hosts)))
    assert len(hosts) >= 10
    assert "production" in {host.environment.slug for host in hosts}
    assert all(host.simulated for host in hosts)
