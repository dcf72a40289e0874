from __future__ import annotations

import pytest

from fleet.inventory.capabilities import DEFAULT
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.hardening.capabilities_not_dropped import CapabilitiesNotDropped
from fleet.readiness.vocabulary import Status
from tests.builders import container_subject

RULE = CapabilitiesNotDropped()


@pytest.mark.parametrize(
    ("dropped", "added", "count"),
    [
        ((), (), 14),
        (("NET_RAW",), (), 13),
        (("ALL",), ("CHOWN", "KILL", "SETGID", "SETUID"), 4),
        (("MKNOD",), ("SYS_TIME",), 14),
    ],
)
def test_more_than_three_left_fail(dropped: tuple[str, ...], added: tuple[str, ...], count: int) -> None:
    outcome = RULE.judge(container_subject(cap_drop=dropped, cap_add=added))
    assert (outcome.status, outcome.severity) == (Status.FAIL, None)
    assert outcome.evidence == {"HostConfig.CapDrop": list(dropped), "HostConfig.CapAdd": list(added)}
    assert outcome.reason.startswith(f"{count} are left: ")


def test_every_capability_fails_whatever_was_dropped() -> None:
    outcome = RULE.judge(container_subject(cap_drop=("ALL",), cap_add=("ALL",)))
    assert outcome.status is Status.FAIL


def test_it_names_no_cis_item() -> None:
    assert RULE.cis == ()


def test_a_privileged_container_is_left_to_its_own_rule() -> None:
    assert RULE.judge(container_subject(privileged=True, cap_drop=())).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(("field", "fact"), [("cap_drop", "CapDrop"), ("cap_add", "CapAdd")])
def test_an_unreported_list_is_a_missing_fact(field: str, fact: str) -> None:
    with pytest.raises(MissingFactError, match=rf"HostConfig\.{fact}"):
        RULE.judge(container_subject(**{field: None}))


@pytest.mark.parametrize("added", [(), ("NET_BIND_SERVICE",), ("CHOWN", "SETGID", "SETUID")])
def test_three_left_pass(added: tuple[str, ...]) -> None:
    assert RULE.judge(container_subject(cap_drop=("ALL",), cap_add=added)).status is Status.PASS


def test_all_that_podman_names_one_by_one_pass() -> None:
    names = tuple(sorted(DEFAULT))
    assert RULE.judge(container_subject(cap_drop=names, cap_add=())).status is Status.PASS
