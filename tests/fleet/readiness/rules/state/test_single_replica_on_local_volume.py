from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.state.single_replica_on_local_volume import SingleReplicaOnLocalVolume
from fleet.readiness.vocabulary import Status
from tests.builders import member, service_subject, volume, volume_mount

RULE = SingleReplicaOnLocalVolume()


def test_one_replica_on_a_local_volume_fails() -> None:
    assert (
        RULE.judge(
            service_subject(
                member(
                    image_reference="postgres:16",
                    mounts=(volume_mount("data", "/var/lib/postgresql/data"),),
                    volumes={"data": volume()},
                )
            )
        ).status
        is Status.FAIL
    )


def test_what_keeps_no_data_is_not_applicable() -> None:
    assert RULE.judge(service_subject()).status is Status.NOT_APPLICABLE


def test_a_cache_is_not_applicable() -> None:
    assert (
        RULE.judge(
            service_subject(
                member(
                    image_reference="postgres:16",
                    mounts=(volume_mount("data", "/var/lib/postgresql/data"),),
                    labels={"loadline.role": "cache"},
                    volumes={"data": volume()},
                )
            )
        ).status
        is Status.NOT_APPLICABLE
    )


def test_a_ring_is_not_applicable() -> None:
    assert (
        RULE.judge(
            service_subject(
                *(member(id=str(n) * 64, image_reference="cassandra:5", host=f"prod-0{n}") for n in (1, 2, 3))
            )
        ).status
        is Status.NOT_APPLICABLE
    )


def test_a_silent_host_may_have_another_replica() -> None:
    assert (
        RULE.judge(
            service_subject(
                member(
                    image_reference="postgres:16",
                    mounts=(volume_mount("data", "/var/lib/postgresql/data"),),
                    volumes={"data": volume()},
                ),
                all_hosts_answered=False,
            )
        ).status
        is Status.UNKNOWN
    )


def test_unreported_volumes_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(
            service_subject(
                member(
                    image_reference="postgres:16",
                    mounts=(volume_mount("data", "/var/lib/postgresql/data"),),
                    volumes=None,
                )
            )
        )


def test_a_network_file_system_passes() -> None:
    assert (
        RULE.judge(
            service_subject(
                member(
                    image_reference="postgres:16",
                    mounts=(volume_mount("data", "/var/lib/postgresql/data"),),
                    volumes={"data": volume(options={"type": "nfs"})},
                )
            )
        ).status
        is Status.PASS
    )


def test_a_driver_that_other_hosts_reach_passes() -> None:
    assert (
        RULE.judge(
            service_subject(
                member(
                    image_reference="postgres:16",
                    mounts=(volume_mount("data", "/var/lib/postgresql/data"),),
                    volumes={"data": volume(driver="pxd")},
                )
            )
        ).status
        is Status.PASS
    )


def test_two_replicas_pass() -> None:
    assert (
        RULE.judge(
            service_subject(
                member(
                    id="1" * 64,
                    image_reference="postgres:16",
                    mounts=(volume_mount("data", "/var/lib/postgresql/data"),),
                ),
                member(
                    id="2" * 64,
                    image_reference="postgres:16",
                    mounts=(volume_mount("data", "/var/lib/postgresql/data"),),
                    host="prod-02",
                ),
            )
        ).status
        is Status.PASS
    )
