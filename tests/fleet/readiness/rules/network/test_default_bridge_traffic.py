from __future__ import annotations

from typing import Any

import pytest

from fleet.inventory import ContainerFacts, NetworkAttachment
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.network.default_bridge_traffic import DefaultBridgeTraffic
from fleet.readiness.subjects import HostSubject, Surroundings
from fleet.readiness.vocabulary import Status
from tests.builders import NOW, around, container, host, network

RULE = DefaultBridgeTraffic()


def on_it(name: str, **changes: Any) -> ContainerFacts:
    return container(id=name * 64, name=name, networks=(NetworkAttachment("bridge", "b" * 64),), **changes)


def test_two_that_reach_each_other_fail() -> None:
    assert (
        RULE.judge(
            HostSubject(
                around=around(
                    containers=(on_it("a"), on_it("b")),
                    networks=(
                        network(
                            name="bridge",
                            id="b" * 64,
                            options={
                                "com.docker.network.bridge.default_bridge": "true",
                                "com.docker.network.bridge.enable_icc": "true",
                            },
                        ),
                    ),
                )
            )
        ).status
        is Status.FAIL
    )


def test_one_alone_is_not_applicable() -> None:
    assert (
        RULE.judge(
            HostSubject(
                around=around(
                    containers=(on_it("a"),),
                    networks=(
                        network(
                            name="bridge",
                            id="b" * 64,
                            options={
                                "com.docker.network.bridge.default_bridge": "true",
                                "com.docker.network.bridge.enable_icc": "true",
                            },
                        ),
                    ),
                )
            )
        ).status
        is Status.NOT_APPLICABLE
    )


def test_a_stopped_neighbour_does_not_count() -> None:
    assert (
        RULE.judge(
            HostSubject(
                around=around(
                    containers=(on_it("a"), on_it("b", state="exited")),
                    networks=(
                        network(
                            name="bridge",
                            id="b" * 64,
                            options={
                                "com.docker.network.bridge.default_bridge": "true",
                                "com.docker.network.bridge.enable_icc": "true",
                            },
                        ),
                    ),
                )
            )
        ).status
        is Status.NOT_APPLICABLE
    )


def test_no_default_bridge_is_not_applicable() -> None:
    assert RULE.judge(HostSubject(around=around(containers=(on_it("a"), on_it("b"))))).status is Status.NOT_APPLICABLE


def test_podman_is_not_applicable() -> None:
    assert (
        RULE.judge(
            HostSubject(
                around=around(
                    host=host(kind="podman"),
                    networks=(
                        network(
                            name="bridge",
                            id="b" * 64,
                            options={
                                "com.docker.network.bridge.default_bridge": "true",
                                "com.docker.network.bridge.enable_icc": "true",
                            },
                        ),
                    ),
                )
            )
        ).status
        is Status.NOT_APPLICABLE
    )


def test_unreported_networks_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(HostSubject(around=Surroundings(host=host(), now=NOW)))


def test_two_that_are_kept_apart_pass() -> None:
    assert (
        RULE.judge(
            HostSubject(
                around=around(
                    containers=(on_it("a"), on_it("b")),
                    networks=(
                        network(
                            name="bridge",
                            id="b" * 64,
                            options={
                                "com.docker.network.bridge.default_bridge": "true",
                                "com.docker.network.bridge.enable_icc": "false",
                            },
                        ),
                    ),
                )
            )
        ).status
        is Status.PASS
    )
