from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.state.network_volume_options import NetworkVolumeOptions
from fleet.readiness.vocabulary import Status
from tests.builders import container_subject, volume_mount, volume_subject

RULE = NetworkVolumeOptions()


def test_a_soft_mount_fails() -> None:
    assert RULE.judge(volume_subject(options={"type": "nfs", "o": "addr=nas,nfsvers=4,soft"})).status is Status.FAIL


def test_an_old_version_fails() -> None:
    assert RULE.judge(volume_subject(options={"type": "nfs", "o": "addr=nas,nfsvers=3,hard"})).status is Status.FAIL


def test_a_datastore_on_it_fails() -> None:
    assert (
        RULE.judge(
            volume_subject(
                container_subject(image_reference="postgres:16", mounts=(volume_mount(),)),
                options={"type": "nfs", "o": "addr=nas,nfsvers=4,hard"},
            )
        ).status
        is Status.FAIL
    )


def test_another_driver_is_not_applicable() -> None:
    assert RULE.judge(volume_subject(driver="pxd")).status is Status.NOT_APPLICABLE


def test_a_plain_volume_is_not_applicable() -> None:
    assert RULE.judge(volume_subject()).status is Status.NOT_APPLICABLE


def test_unreported_options_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(volume_subject(options=None))


def test_a_hard_mount_of_version_4_passes() -> None:
    assert RULE.judge(volume_subject(options={"type": "nfs", "o": "addr=nas,nfsvers=4,hard"})).status is Status.PASS


def test_version_4_may_be_in_the_type() -> None:
    assert RULE.judge(volume_subject(options={"type": "nfs4", "o": "addr=nas"})).status is Status.PASS
