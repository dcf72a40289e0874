from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.hardening.foreign_cgroup import ForeignCgroup
from fleet.readiness.vocabulary import Status
from tests.builders import around, container_subject, host

RULE = ForeignCgroup()


@pytest.mark.parametrize("parent", ["/other", "system.slice", "docker", "machine.slice"])
def test_a_parent_of_its_own_fails(parent: str) -> None:
    outcome = RULE.judge(container_subject(cgroup_parent=parent))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"HostConfig.CgroupParent": parent}


def test_another_one_fails_on_podman_too() -> None:
    subject = container_subject(cgroup_parent="system.slice", around=around(host=host(kind="podman")))
    assert RULE.judge(subject).status is Status.FAIL


def test_an_unreported_parent_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match=r"HostConfig\.CgroupParent"):
        RULE.judge(container_subject(cgroup_parent=None))


def test_no_parent_passes() -> None:
    assert RULE.judge(container_subject(cgroup_parent="")).status is Status.PASS


@pytest.mark.parametrize(
    "parent", ["machine.slice", "user.slice", "user.slice/user-libpod_pod_ab.slice", "/libpod_parent"]
)
def test_podmans_own_choice_passes(parent: str) -> None:
    subject = container_subject(cgroup_parent=parent, around=around(host=host(kind="podman")))
    assert RULE.judge(subject).status is Status.PASS
