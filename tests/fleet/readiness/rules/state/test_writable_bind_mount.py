from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.state.writable_bind_mount import WritableBindMount
from fleet.readiness.vocabulary import Status
from tests.builders import bind_mount, container_subject, volume_mount

RULE = WritableBindMount()


def test_a_folder_of_the_host_that_is_written_fails() -> None:
    assert RULE.judge(container_subject(mounts=(bind_mount("/srv/data"),))).status is Status.FAIL


def test_an_agent_is_not_applicable() -> None:
    assert (
        RULE.judge(container_subject(mounts=(bind_mount("/srv/data"),), labels={"loadline.role": "agent"})).status
        is Status.NOT_APPLICABLE
    )


def test_whether_it_is_written_must_be_known() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(container_subject(mounts=(bind_mount("/srv/data", writable=None),)))


def test_unreported_mounts_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(container_subject(mounts=None))


def test_reading_passes() -> None:
    assert RULE.judge(container_subject(mounts=(bind_mount("/srv/data", writable=False),))).status is Status.PASS


def test_a_volume_passes() -> None:
    assert RULE.judge(container_subject(mounts=(volume_mount(),))).status is Status.PASS
