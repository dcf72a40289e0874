from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.hardening.sshd_in_container import SshdInContainer
from fleet.readiness.vocabulary import Status
from tests.builders import container_subject

RULE = SshdInContainer()


@pytest.mark.parametrize(
    ("ports", "runs", "evidence"),
    [
        (("22/tcp", "80/tcp"), False, {"Config.ExposedPorts": ["22/tcp"]}),
        ((), True, {"Args": "sshd"}),
        (("22/tcp",), True, {"Config.ExposedPorts": ["22/tcp"], "Args": "sshd"}),
        (None, True, {"Args": "sshd"}),
        (("22/tcp",), None, {"Config.ExposedPorts": ["22/tcp"]}),
    ],
)
def test_the_port_or_the_program_fails(
    ports: tuple[str, ...] | None, runs: bool | None, evidence: dict[str, object]
) -> None:
    outcome = RULE.judge(container_subject(exposed_ports=ports, runs_sshd=runs))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == evidence


def test_a_bastion_is_there_for_it() -> None:
    outcome = RULE.judge(container_subject(runs_sshd=True, labels={"loadline.role": "bastion"}))
    assert outcome.status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(("field", "fact"), [("exposed_ports", r"Config\.ExposedPorts"), ("runs_sshd", "Args")])
def test_what_is_not_reported_is_a_missing_fact(field: str, fact: str) -> None:
    with pytest.raises(MissingFactError, match=fact):
        RULE.judge(container_subject(**{field: None}))


@pytest.mark.parametrize("ports", [(), ("2222/tcp",), ("22/udp",)])
def test_neither_passes(ports: tuple[str, ...]) -> None:
    assert RULE.judge(container_subject(exposed_ports=ports, runs_sshd=False)).status is Status.PASS
