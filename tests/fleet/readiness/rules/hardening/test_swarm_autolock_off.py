from __future__ import annotations

from typing import Any

import pytest

from fleet.inventory import SwarmFacts
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.hardening.swarm_autolock_off import SwarmAutolockOff
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Status
from tests.builders import host_subject

RULE = SwarmAutolockOff()
FIELD = "Swarm.Cluster.Spec.EncryptionConfig.AutoLockManagers"


def member_of(**swarm: Any) -> HostSubject:
    return host_subject(swarm=SwarmFacts(**({"state": "active", "control_available": True} | swarm)))


def test_a_manager_without_autolock_fails() -> None:
    outcome = RULE.judge(member_of(autolock=False))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {FIELD: False}


def test_an_engine_in_no_swarm_has_nothing_to_lock() -> None:
    assert RULE.judge(member_of(state="inactive", control_available=False)).status is Status.NOT_APPLICABLE


def test_a_worker_leaves_it_to_the_managers() -> None:
    assert RULE.judge(member_of(state="active", control_available=False)).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize("state", ["pending", "error"])
def test_who_is_no_working_manager_does_not_tell(state: str) -> None:
    assert RULE.judge(member_of(state=state, control_available=False)).status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("swarm", "fact"),
    [
        (None, "Swarm"),
        (SwarmFacts(), "LocalNodeState"),
        (SwarmFacts(state="active"), "ControlAvailable"),
        (SwarmFacts(state="active", control_available=True), "AutoLockManagers"),
    ],
)
def test_what_is_not_reported_is_a_missing_fact(swarm: SwarmFacts | None, fact: str) -> None:
    with pytest.raises(MissingFactError, match=fact):
        RULE.judge(host_subject(swarm=swarm))


def test_a_manager_with_autolock_passes() -> None:
    assert RULE.judge(member_of(autolock=True)).status is Status.PASS


def test_a_manager_that_is_locked_right_now_passes() -> None:
    outcome = RULE.judge(member_of(state="locked", control_available=False))
    assert outcome.status is Status.PASS
    assert outcome.evidence == {"Swarm.LocalNodeState": "locked"}
