from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
import requests

from fleet.simulation.serving import PortTakenError, serve
from fleet.simulation.synthesis import synthetic

TWO = synthetic(engines=2, containers=3)


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def door() -> Iterator[str]:
    port = _free()
    handle = serve(TWO, control_port=port)
    yield f"http://127.0.0.1:{port}"
    handle.stop()


def test_a_change_is_made_where_it_was_asked_for(door: str) -> None:
    told = requests.post(f"{door}/change", params={"engine": "sim-0002", "place": 2, "kind": "stop"}, timeout=5).json()
    assert (told["engine"], told["container"]) == ("sim-0002", TWO.engines[1].containers[2].name)


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ({"engine": "sim-0009"}, 404, "no engine is called sim-0009"),
        ({"engine": "sim-0001", "place": "9"}, 400, "sim-0001 has no container number 9"),
        ({"engine": "sim-0001", "place": "last"}, 400, "place=last is not a whole number"),
        ({"engine": "sim-0001", "kind": "melt"}, 400, "no change is called melt"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(door: str, query: dict[str, str], status: int, said: str) -> None:
    reply = requests.post(f"{door}/change", params=query, timeout=5)
    assert reply.status_code == status
    assert said in reply.json()["error"]


def test_anything_else_is_told_what_there_is(door: str) -> None:
    for reply in (requests.get(f"{door}/change", timeout=5), requests.get(f"{door}/_ping", timeout=5)):
        assert (reply.status_code, "GET /usage" in reply.json()["error"]) == (404, True)


def test_a_door_whose_port_is_taken_gives_the_engines_ports_back() -> None:
    base = _free()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortTakenError, match="--control-port"):
            serve(synthetic(engines=1, containers=1), base_port=base, control_port=taken.getsockname()[1])
    handle = serve(synthetic(engines=1, containers=1), base_port=base)
    handle.stop()


def test_engines_know_nothing_of_it() -> None:
    handle = serve(TWO)
    url = handle.hosts[0].url.replace("tcp://", "http://")
    assert requests.get(f"{url}/usage", timeout=5).status_code == 404
    assert requests.post(f"{url}/change", timeout=5).status_code == 404
    handle.stop()
    assert handle.usage().requests == 2
