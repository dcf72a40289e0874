from __future__ import annotations

import copy
from typing import Any

import pytest

from fleet.engines.reading.plan import fingerprint, is_probe, remembered
from tests.fleet.engines.recordings import recorded

WEB: dict[str, Any] = next(
    entry for entry in recorded("docker-20.10")["/containers/json"] if entry["Names"] == ["/web"]
)


def changed(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(WEB), **changes}


def test_what_an_engine_shuffles_or_counts_up_does_not_change_it() -> None:
    shuffled = changed(Status="Up 9 hours (healthy)", Mounts=WEB["Mounts"][::-1], Ports=WEB["Ports"][::-1])
    assert fingerprint(shuffled) == fingerprint(WEB)


def test_what_happens_to_a_container_changes_it() -> None:
    assert len(WEB["Ports"]) > 1
    networks = copy.deepcopy(WEB["NetworkSettings"])
    networks["Networks"]["shop"]["EndpointID"] = "another"
    variants = [
        changed(Names=["/renamed"]),
        changed(State="exited"),
        changed(Status="Up 2 seconds (unhealthy)"),
        changed(Image="sha256:" + "a" * 64),
        changed(Ports=WEB["Ports"][1:]),
        changed(NetworkSettings=networks),
    ]
    assert len({fingerprint(entry) for entry in (WEB, *variants)}) == len(variants) + 1


def test_an_odd_entry_has_one_too() -> None:
    assert fingerprint({}) != fingerprint({"Id": ["x"], "NetworkSettings": {"Networks": {"a": 1}}})


@pytest.mark.parametrize(
    ("command", "secret", "same"),
    [("sh -c true", b"s", True), ("sh -c false", b"s", False), ("sh -c true", b"another", False)],
)
def test_a_probe_is_known_again_by_whoever_has_the_secret(command: str, secret: bytes, *, same: bool) -> None:
    known = remembered("a" * 16, "sh -c true", secret=b"s")
    assert is_probe(command, known, secret=secret) is same
    assert "true" not in known


def test_a_container_without_a_health_check_has_no_probe() -> None:
    assert not is_probe("", remembered("a" * 16, None, secret=b""), secret=b"")
    assert not is_probe("sh", "", secret=b"")
