from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fleet.simulation.builders import CHECK, answers, container, get


def read(target: str, api: int, **query: str) -> Any:
    return json.loads(get(answers(container(health_check=CHECK)), f"/v1.{api}{target}", query).body)


def test_old_address_fields_go_with_1_52() -> None:
    assert read("/containers/web/json", 51)["NetworkSettings"]["IPAddress"]
    assert "IPAddress" not in read("/containers/web/json", 52)["NetworkSettings"]


def test_the_list_tells_health_from_1_52_on() -> None:
    assert "Health" not in read("/containers/json", 51)[0]
    assert read("/containers/json", 52)[0]["Health"] == {"Status": "healthy", "FailingStreak": 0}


@pytest.mark.parametrize(
    ("target", "last", "path"),
    [
        ("/info", 48, ("RuncCommit", "Expected")),
        ("/info", 49, ("BridgeNfIptables",)),
        ("/info", 41, ("KernelMemory",)),
        ("/images/registry.internal/shop/web:1.4/json", 43, ("VirtualSize",)),
        ("/images/registry.internal/shop/web:1.4/json", 44, ("ContainerConfig",)),
        ("/images/registry.internal/shop/web:1.4/json", 49, ("Config", "Hostname")),
        ("/images/registry.internal/shop/web:1.4/json", 51, ("Parent",)),
        ("/containers/web/json", 41, ("HostConfig", "KernelMemory")),
        ("/containers/web/json", 51, ("Config", "OnBuild")),
        ("/system/df", 41, ("BuilderSize",)),
        ("/system/df", 52, ("LayersSize",)),
    ],
)
def test_a_field_is_told_up_to_a_version_and_no_further(target: str, last: int, path: tuple[str, ...]) -> None:
    assert _has(read(target, last), path)
    assert not _has(read(target, last + 1), path)


@pytest.mark.parametrize(
    ("target", "first", "path"),
    [
        ("/info", 46, ("Containerd",)),
        ("/info", 49, ("FirewallBackend",)),
        ("/networks/bridge", 48, ("EnableIPv4",)),
        ("/system/df", 52, ("VolumeUsage",)),
    ],
)
def test_a_field_is_told_from_a_version_on(target: str, first: int, path: tuple[str, ...]) -> None:
    assert not _has(read(target, first - 1), path)
    assert _has(read(target, first), path)


def _has(reply: Any, path: tuple[str, ...]) -> bool:
    for name in path:
        if name not in reply:
            return False
        reply = reply[name]
    return True


def test_images_count_their_users_from_1_51_on() -> None:
    assert [read("/images/json", api)[0]["Containers"] for api in (50, 51)] == [-1, 1]


def test_from_1_52_on_disk_usage_names_what_it_sums_only_when_asked_to() -> None:
    assert "Items" not in read("/system/df", 53)["ImageUsage"]
    assert len(read("/system/df", 53, verbose="1")["ImageUsage"]["Items"]) == 1
