from __future__ import annotations

import pytest

from fleet.inventory.capabilities import DEFAULT
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.hardening.dangerous_capability import DANGEROUS, DangerousCapability
from fleet.readiness.vocabulary import Severity, Status
from tests.builders import container_subject

RULE = DangerousCapability()


@pytest.mark.parametrize("name", sorted(DANGEROUS.keys() - {"ALL"}))
def test_a_dangerous_one_fails(name: str) -> None:
    outcome = RULE.judge(container_subject(cap_add=("CHOWN", name)))
    assert (outcome.status, outcome.severity) == (Status.FAIL, None)
    assert outcome.evidence == {"HostConfig.CapAdd": sorted(["CHOWN", name])}
    assert outcome.reason.startswith(f"{name}: ")


def test_all_of_them_are_critical() -> None:
    outcome = RULE.judge(container_subject(cap_add=("ALL",)))
    assert (outcome.status, outcome.severity) == (Status.FAIL, Severity.CRITICAL)


@pytest.mark.parametrize("written", ["CAP_SYS_ADMIN", "sys_admin", "cap_sys_admin"])
def test_every_spelling_fails(written: str) -> None:
    assert RULE.judge(container_subject(cap_add=(written,))).status is Status.FAIL


@pytest.mark.parametrize("name", ["IPC_LOCK", "CAP_SYS_NICE", "AUDIT_READ", "ONE_OF_TOMORROW"])
def test_any_other_that_the_engine_does_not_give_by_itself_is_medium(name: str) -> None:
    outcome = RULE.judge(container_subject(cap_add=("CHOWN", name)))
    assert (outcome.status, outcome.severity) == (Status.FAIL, Severity.MEDIUM)
    assert outcome.reason == f"{name.removeprefix('CAP_')}: more than the engine gives by itself."


def test_another_one_beside_a_dangerous_one_softens_nothing() -> None:
    outcome = RULE.judge(container_subject(cap_add=("IPC_LOCK", "SYS_ADMIN")))
    assert (outcome.status, outcome.severity) == (Status.FAIL, None)
    assert "IPC_LOCK" not in outcome.reason


def test_a_privileged_container_is_left_to_its_own_rule() -> None:
    for names in ((), ("CHOWN",)):
        assert RULE.judge(container_subject(privileged=True, cap_add=names)).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize("name", ["ALL", "SYS_ADMIN", "IPC_LOCK"])
def test_one_that_is_asked_for_besides_privileged_is_low(name: str) -> None:
    outcome = RULE.judge(container_subject(privileged=True, cap_add=(name,)))
    assert (outcome.status, outcome.severity) == (Status.FAIL, Severity.LOW)


def test_unreported_capabilities_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match=r"HostConfig\.CapAdd"):
        RULE.judge(container_subject(cap_add=None))


@pytest.mark.parametrize("names", [(), ("NET_BIND_SERVICE",), ("CHOWN", "SETUID"), tuple(sorted(DEFAULT))])
def test_harmless_ones_pass(names: tuple[str, ...]) -> None:
    assert RULE.judge(container_subject(cap_add=names)).status is Status.PASS
