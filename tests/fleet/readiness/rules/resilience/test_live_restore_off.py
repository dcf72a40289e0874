from __future__ import annotations

import pytest

from fleet.inventory import SwarmFacts
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.resilience.live_restore_off import LiveRestoreOff
from fleet.readiness.vocabulary import Status
from tests.builders import host_subject

RULE = LiveRestoreOff()


def test_switched_off_fails() -> None:
    assert RULE.judge(host_subject(live_restore=False)).status is Status.FAIL


def test_podman_is_not_applicable() -> None:
    assert RULE.judge(host_subject(kind="podman", live_restore=False)).status is Status.NOT_APPLICABLE


def test_a_swarm_is_not_applicable() -> None:
    assert (
        RULE.judge(host_subject(live_restore=False, swarm=SwarmFacts(state="active"))).status is Status.NOT_APPLICABLE
    )


def test_an_unreported_flag_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(host_subject(live_restore=None))


def test_switched_on_passes() -> None:
    assert RULE.judge(host_subject()).status is Status.PASS
