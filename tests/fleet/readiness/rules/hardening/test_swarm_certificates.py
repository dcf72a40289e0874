from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fleet.inventory import SwarmFacts
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.hardening.swarm_certificates import SwarmCertificates
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Status
from tests.builders import NOW, host_subject

RULE = SwarmCertificates()
DAY = 24 * 3600.0


def member_of(**swarm: Any) -> HostSubject:
    healthy = {
        "state": "active",
        "control_available": True,
        "certificate_expiry": 90 * DAY,
        "root_certificate_expires": NOW + timedelta(days=7000),
        "root_rotation_in_progress": False,
    }
    return host_subject(swarm=SwarmFacts(**(healthy | swarm)))


def test_certificates_for_more_than_ninety_days_fail() -> None:
    outcome = RULE.judge(member_of(certificate_expiry=91 * DAY))
    assert (outcome.status, outcome.cis) == (Status.FAIL, ("7.7",))
    assert outcome.evidence["Swarm.Cluster.Spec.CAConfig.NodeCertExpiry"] == "2184 h"


def test_a_root_that_ends_within_a_year_fails() -> None:
    outcome = RULE.judge(member_of(root_certificate_expires=NOW + timedelta(days=364)))
    assert (outcome.status, outcome.cis) == (Status.FAIL, ("7.8",))
    assert outcome.evidence["Swarm.Cluster.TLSInfo.TrustRoot"] == "ends on 2027-11-23"


def test_both_together_name_both_also_while_the_root_is_renewed() -> None:
    ends = NOW - timedelta(days=1)
    subject = member_of(certificate_expiry=400 * DAY, root_certificate_expires=ends, root_rotation_in_progress=True)
    outcome = RULE.judge(subject)
    assert (outcome.status, outcome.cis) == (Status.FAIL, ("7.7", "7.8"))


def test_an_engine_in_no_swarm_has_no_certificates() -> None:
    assert RULE.judge(member_of(state="inactive", control_available=False)).status is Status.NOT_APPLICABLE


def test_a_worker_leaves_it_to_the_managers() -> None:
    assert RULE.judge(member_of(state="active", control_available=False)).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize("state", ["pending", "error", "locked"])
def test_who_is_no_working_manager_does_not_tell(state: str) -> None:
    assert RULE.judge(member_of(state=state, control_available=False)).status is Status.UNKNOWN


def test_a_rotation_under_way_is_unknown() -> None:
    outcome = RULE.judge(member_of(root_rotation_in_progress=True))
    assert (outcome.status, outcome.blind) == (Status.UNKNOWN, False)


@pytest.mark.parametrize(
    ("field", "fact"),
    [
        ("state", "LocalNodeState"),
        ("control_available", "ControlAvailable"),
        ("certificate_expiry", "NodeCertExpiry"),
        ("root_certificate_expires", "TrustRoot"),
        ("root_rotation_in_progress", "RootRotationInProgress"),
    ],
)
def test_what_is_not_reported_is_a_missing_fact(field: str, fact: str) -> None:
    with pytest.raises(MissingFactError, match=fact):
        RULE.judge(member_of(**{field: None}))


@pytest.mark.parametrize("days", [1, 30, 90])
def test_ninety_days_at_most_and_a_year_at_least_pass(days: int) -> None:
    ends = NOW + timedelta(days=365)
    assert RULE.judge(member_of(certificate_expiry=days * DAY, root_certificate_expires=ends)).status is Status.PASS
