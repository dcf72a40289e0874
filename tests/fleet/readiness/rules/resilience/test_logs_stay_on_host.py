from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.resilience.logs_stay_on_host import LogsStayOnHost
from fleet.readiness.vocabulary import Severity, Status
from tests.builders import host_subject

RULE = LogsStayOnHost()


def test_files_that_nobody_collects_fail() -> None:
    outcome = RULE.judge(host_subject(labels=()))
    assert (outcome.status, outcome.severity) == (Status.FAIL, None)


def test_no_log_at_all_fails_highly() -> None:
    outcome = RULE.judge(host_subject(logging_driver="none"))
    assert (outcome.status, outcome.severity) == (Status.FAIL, Severity.HIGH)


def test_an_engine_that_does_not_tell_is_unknown() -> None:
    assert RULE.judge(host_subject(logging_driver="")).status is Status.UNKNOWN


def test_an_unreported_driver_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(host_subject(logging_driver=None))


def test_a_daemon_label_passes_as_a_claim() -> None:
    assert RULE.judge(host_subject()).status is Status.PASS


def test_a_driver_that_sends_them_away_passes() -> None:
    assert RULE.judge(host_subject(logging_driver="fluentd", labels=())).status is Status.PASS
