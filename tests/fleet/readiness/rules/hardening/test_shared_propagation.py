from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.hardening.shared_propagation import SharedPropagation
from fleet.readiness.vocabulary import Status
from tests.builders import bind_mount, container_subject, volume_mount

RULE = SharedPropagation()


@pytest.mark.parametrize("propagation", ["shared", "rshared"])
def test_a_mount_that_spreads_fails(propagation: str) -> None:
    mounts = (bind_mount("/srv/a", "/a"), bind_mount("/srv/b", "/b", propagation=propagation))
    outcome = RULE.judge(container_subject(mounts=mounts))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"Mounts[].Propagation": [f"/srv/b:/b:{propagation}"]}


def test_unreported_mounts_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match="Mounts"):
        RULE.judge(container_subject(mounts=None))


def test_a_bind_mount_without_a_word_on_it_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match="Propagation"):
        RULE.judge(container_subject(mounts=(bind_mount("/srv/a", propagation=None),)))


@pytest.mark.parametrize("propagation", ["", "private", "rprivate", "slave", "rslave"])
def test_other_propagation_passes(propagation: str) -> None:
    mounts = (bind_mount("/srv/a", "/a", propagation=propagation), volume_mount())
    assert RULE.judge(container_subject(mounts=mounts)).status is Status.PASS


def test_no_mount_passes() -> None:
    assert RULE.judge(container_subject(mounts=())).status is Status.PASS
