from __future__ import annotations

from datetime import timedelta

import pytest

from fleet.inventory import DiskUsage
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.state.unused_images_and_volumes import UnusedImagesAndVolumes
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Status
from tests.builders import NOW, around, container, host_subject, volume, volume_mount

RULE = UnusedImagesAndVolumes()


def test_a_forgotten_volume_fails() -> None:
    assert (
        RULE.judge(
            HostSubject(around=around(volumes=(volume(name="old", created_at=NOW - timedelta(days=40)),)))
        ).status
        is Status.FAIL
    )


def test_stopped_containers_by_the_dozen_fail() -> None:
    assert (
        RULE.judge(
            HostSubject(around=around(containers=tuple(container(id=str(n), state="exited") for n in range(26))))
        ).status
        is Status.FAIL
    )


def test_much_that_could_be_reclaimed_fails() -> None:
    assert RULE.judge(host_subject(disk_usage=DiskUsage(images_reclaimable=21 * 1024**3))).status is Status.FAIL


def test_what_was_not_asked_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(host_subject(disk_usage=None))


def test_a_tidy_host_passes() -> None:
    assert RULE.judge(host_subject()).status is Status.PASS


def test_a_young_volume_passes() -> None:
    assert (
        RULE.judge(HostSubject(around=around(volumes=(volume(name="new", created_at=NOW - timedelta(days=3)),)))).status
        is Status.PASS
    )


def test_a_mounted_volume_passes() -> None:
    assert (
        RULE.judge(
            HostSubject(
                around=around(
                    containers=(container(mounts=(volume_mount("old"),)),),
                    volumes=(volume(name="old", created_at=NOW - timedelta(days=40)),),
                )
            )
        ).status
        is Status.PASS
    )
