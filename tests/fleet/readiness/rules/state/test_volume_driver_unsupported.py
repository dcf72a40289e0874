from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.policy import Policy
from fleet.readiness.rules.state.volume_driver_unsupported import VolumeDriverUnsupported
from fleet.readiness.vocabulary import Status
from tests.builders import around, volume_subject

RULE = VolumeDriverUnsupported()


def test_a_driver_whose_vendor_closed_fails() -> None:
    assert RULE.judge(volume_subject(driver="flocker")).status is Status.FAIL


def test_a_driver_that_the_policy_refuses_fails() -> None:
    assert (
        RULE.judge(
            volume_subject(driver="pxd", surroundings=around(policy=Policy(volume_drivers={"pxd": "refused"})))
        ).status
        is Status.FAIL
    )


def test_the_engines_own_is_not_applicable() -> None:
    assert RULE.judge(volume_subject()).status is Status.NOT_APPLICABLE


def test_one_that_nobody_knows_is_unknown() -> None:
    assert RULE.judge(volume_subject(driver="acme/tape:latest")).status is Status.UNKNOWN


def test_a_doubtful_one_is_unknown() -> None:
    assert RULE.judge(volume_subject(driver="rexray")).status is Status.UNKNOWN


def test_an_unreported_driver_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(volume_subject(driver=None))


def test_a_maintained_one_passes() -> None:
    assert RULE.judge(volume_subject(driver="pxd")).status is Status.PASS


def test_one_that_the_policy_approves_passes() -> None:
    assert (
        RULE.judge(
            volume_subject(driver="acme", surroundings=around(policy=Policy(volume_drivers={"acme": "approved"})))
        ).status
        is Status.PASS
    )
