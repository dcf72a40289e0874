from __future__ import annotations

import pytest

from fleet.inventory import ContainerFacts
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.resilience.memory_overcommitted import MemoryOvercommitted
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Status
from tests.builders import around, container, host

RULE = MemoryOvercommitted()


def having(*containers: ContainerFacts) -> HostSubject:
    return HostSubject(around=around(containers=containers))


def test_more_than_there_is_fails() -> None:
    assert RULE.judge(having(container(memory=33 * 1024**3))).status is Status.FAIL


def test_one_without_a_limit_fails() -> None:
    assert RULE.judge(having(container(), container(id="2", memory=0))).status is Status.FAIL


def test_an_idle_host_is_not_applicable() -> None:
    assert RULE.judge(having()).status is Status.NOT_APPLICABLE


def test_too_few_that_could_be_inspected_is_unknown() -> None:
    assert RULE.judge(having(container(), container(id="2", memory=None))).status is Status.UNKNOWN


def test_an_unreported_size_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(HostSubject(around=around(host=host(memory=None), containers=(container(),))))


def test_what_fits_passes() -> None:
    assert RULE.judge(having(container(), container(id="2"))).status is Status.PASS


def test_a_stopped_one_does_not_count() -> None:
    assert RULE.judge(having(container(), container(id="2", state="exited", memory=0))).status is Status.PASS
