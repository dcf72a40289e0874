from __future__ import annotations

import json
import socket
import threading
import time
from urllib.parse import urlsplit

import docker
import pytest
import requests

from fleet.simulation.serving import PortTakenError, running, serve
from fleet.simulation.synthesis import synthetic

TWO = synthetic(engines=2, containers=3)


def http(url: str) -> str:
    return url.replace("tcp://", "http://")


def test_every_engine_answers_for_itself() -> None:
    with running(TWO) as hosts:
        names = [requests.get(f"{http(host.url)}/info", timeout=5).json()["Name"] for host in hosts]
    assert names == [host.name for host in TWO.hosts]


def test_hosts_carry_what_the_plan_said() -> None:
    with running(TWO) as hosts:
        assert [(h.name, h.environment, h.team) for h in hosts] == [(h.name, h.environment, h.team) for h in TWO.hosts]


def test_only_loopback_is_listened_on() -> None:
    with running(TWO) as hosts:
        assert {urlsplit(host.url).hostname for host in hosts} == {"127.0.0.1"}


def test_engines_stand_on_the_ports_that_the_plan_counts() -> None:
    base = _free_pair()
    with running(TWO, base_port=base) as hosts:
        assert [host.url for host in hosts] == [planned.url(base) for planned in TWO.hosts]


def _free_pair() -> int:
    for base in range(30_000, 60_000, 7):
        with socket.socket() as first, socket.socket() as second:
            try:
                first.bind(("127.0.0.1", base))
                second.bind(("127.0.0.1", base + 1))
            except OSError:
                continue
            return base
    raise RuntimeError("no two ports are free")


def test_a_taken_port_is_named_and_the_others_are_given_back() -> None:
    base = _free_pair()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", base + 1))
        taken.listen()
        with pytest.raises(PortTakenError, match=f"port {base + 1} on 127.0.0.1, which sim-0002 would use, is taken"):
            serve(TWO, base_port=base)
    with running(TWO, base_port=base) as hosts:
        assert len(hosts) == 2


def test_stopping_gives_ports_and_threads_back_and_may_be_done_twice() -> None:
    before = threading.active_count()
    handle = serve(TWO)
    port = urlsplit(handle.hosts[0].url).port
    with requests.Session() as session:
        session.get(f"{http(handle.hosts[0].url)}/_ping", timeout=5)
        handle.stop()
    handle.stop()
    assert threading.active_count() == before
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))


def test_an_empty_fleet_is_served_too() -> None:
    with running(synthetic(engines=0, containers=0)) as hosts:
        assert hosts == ()


def test_the_docker_package_reads_what_is_served() -> None:
    with running(TWO) as hosts:
        client = docker.APIClient(base_url=hosts[0].url, version="auto", timeout=5)
        assert len(client.containers(all=True)) == 3
        assert client.inspect_container(client.containers()[0]["Id"])["State"]["Running"] is True
        events = list(client.events(since=0, until=1, decode=True))
        client.close()
    assert events == []


def test_events_are_lines_of_json_up_to_the_moment_asked_for() -> None:
    with running(TWO) as hosts:
        since, until = time.time() - 300, time.time()
        reply = requests.get(f"{http(hosts[0].url)}/events", params={"since": since, "until": until}, timeout=5)
    stamps = [json.loads(line)["timeNano"] for line in reply.iter_lines()]
    assert stamps
    assert all(since <= stamp / 1e9 <= until for stamp in stamps)


def test_a_stream_without_an_end_goes_on_until_the_caller_leaves() -> None:
    with running(TWO) as hosts, requests.get(f"{http(hosts[0].url)}/events", stream=True, timeout=5) as reply:
        assert reply.status_code == 200
        assert reply.headers["Transfer-Encoding"] == "chunked"
