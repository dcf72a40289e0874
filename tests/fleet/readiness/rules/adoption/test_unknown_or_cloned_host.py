from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.adoption.unknown_or_cloned_host import UnknownOrClonedHost
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity, Status
from tests.builders import around, host_subject

RULE = UnknownOrClonedHost()


def test_a_clone_fails_highly() -> None:
    outcome = RULE.judge(HostSubject(around=around(twins=("prod-02",))))
    assert (outcome.status, outcome.severity) == (Status.FAIL, Severity.HIGH)


def test_an_unreported_id_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(host_subject(engine_id=None))


def test_an_id_of_its_own_passes() -> None:
    assert RULE.judge(host_subject()).status is Status.PASS
