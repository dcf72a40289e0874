from __future__ import annotations

from typing import Any

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.hardening.kernel_paths_unmasked import KernelPathsUnmasked
from fleet.readiness.vocabulary import Status
from tests.builders import container_subject

RULE = KernelPathsUnmasked()


@pytest.mark.parametrize(
    ("field", "name"),
    [("masked_paths", "HostConfig.MaskedPaths"), ("readonly_paths", "HostConfig.ReadonlyPaths")],
)
@pytest.mark.parametrize("state", ["running", "created"])
def test_an_empty_list_fails(field: str, name: str, state: str) -> None:
    changes: dict[str, Any] = {field: (), "state": state}
    outcome = RULE.judge(container_subject(**changes))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {name: []}


def test_an_empty_list_beside_an_unreported_one_fails() -> None:
    assert RULE.judge(container_subject(masked_paths=None, readonly_paths=())).status is Status.FAIL


def test_a_privileged_container_is_left_to_its_own_rule() -> None:
    subject = container_subject(privileged=True, masked_paths=(), readonly_paths=())
    assert RULE.judge(subject).status is Status.NOT_APPLICABLE


def test_one_that_never_started_is_unknown() -> None:
    outcome = RULE.judge(container_subject(state="created", masked_paths=None, readonly_paths=None))
    assert outcome.status is Status.UNKNOWN
    assert "once the container has started" in outcome.reason


@pytest.mark.parametrize("field", ["masked_paths", "readonly_paths"])
def test_an_unreported_list_is_a_missing_fact(field: str) -> None:
    with pytest.raises(MissingFactError, match=r"HostConfig\.\w+Paths"):
        RULE.judge(container_subject(**{field: None}))


def test_masked_and_read_only_paths_pass() -> None:
    outcome = RULE.judge(container_subject(masked_paths=("/proc/kcore", "/proc/keys"), readonly_paths=("/proc/sys",)))
    assert outcome.status is Status.PASS
    assert outcome.evidence == {"HostConfig.MaskedPaths": 2, "HostConfig.ReadonlyPaths": 1}
