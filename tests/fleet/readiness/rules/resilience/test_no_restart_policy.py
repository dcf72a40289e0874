from __future__ import annotations

from typing import Any

import pytest

from fleet.inventory import RestartPolicy
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.resilience.no_restart_policy import NoRestartPolicy
from fleet.readiness.vocabulary import Status
from tests.builders import container_subject

RULE = NoRestartPolicy()


@pytest.mark.parametrize("name", ["", "no"])
def test_no_policy_fails(name: str) -> None:
    outcome = RULE.judge(container_subject(restart_policy=RestartPolicy(name)))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"HostConfig.RestartPolicy.Name": name}


def test_an_ended_container_without_a_policy_fails() -> None:
    # It may be a service that died with exit code 0 and that nobody restarted.
    subject = container_subject(restart_policy=RestartPolicy("no"), state="exited", exit_code=0)
    assert RULE.judge(subject).status is Status.FAIL


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": {"com.docker.swarm.task.id": "t1"}},
        {"labels": {"loadline.role": "job"}},
        {"labels": {"PODMAN_SYSTEMD_UNIT": "web.service"}},
        {"auto_remove": True},
    ],
    ids=str,
)
def test_what_something_else_restarts_or_what_is_to_end_is_left_out(changes: dict[str, Any]) -> None:
    outcome = RULE.judge(container_subject(restart_policy=RestartPolicy("no"), **changes))
    assert outcome.status is Status.NOT_APPLICABLE


def test_an_unreported_policy_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match=r"HostConfig\.RestartPolicy"):
        RULE.judge(container_subject(restart_policy=None))


@pytest.mark.parametrize("name", ["always", "unless-stopped", "on-failure"])
def test_a_policy_passes(name: str) -> None:
    assert RULE.judge(container_subject(restart_policy=RestartPolicy(name))).status is Status.PASS
