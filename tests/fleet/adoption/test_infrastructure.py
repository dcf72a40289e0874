"""Which containers are left out."""

from __future__ import annotations

import pytest

from fleet.adoption.infrastructure import infrastructure_among, purpose_of


@pytest.mark.parametrize(
    "reference",
    [
        "prom/node-exporter:v1.8", "docker.io/prom/node-exporter", "registry.internal/mirror/prom/node-exporter:1",
        "gcr.io/datadoghq/agent:7", "registry.k8s.io/pause:3.9", "fluentd", "registry.internal/library/telegraf:1",
        "tecnativa/docker-socket-proxy@sha256:" + "a" * 64,
    ],
)  # fmt: skip
def test_agents_wherever_they_come_from(reference: str) -> None:
    assert purpose_of(reference)


@pytest.mark.parametrize(
    "reference", ["nginx", "registry.internal/shop/agent:1", "registry.internal/pause/web", "sha256:" + "a" * 64, ""]
)
def test_a_name_that_only_sounds_like_it_is_work(reference: str) -> None:
    assert purpose_of(reference) is None


def test_an_organisation_names_its_own(settings: object) -> None:
    settings.LOADLINE_INFRASTRUCTURE_IMAGES = ["ops/agent", "registry.internal/deep/down/probe"]  # type: ignore[attr-defined]
    told = ["registry.internal/ops/agent:1", "registry.internal/deep/down/probe", "other/probe", "web"]
    assert infrastructure_among(told) == ["registry.internal/deep/down/probe", "registry.internal/ops/agent:1"]
