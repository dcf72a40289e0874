from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.hardening.unfiltered_endpoint import UnfilteredEndpoint
from fleet.readiness.vocabulary import Status
from tests.builders import host_subject

RULE = UnfilteredEndpoint()


def test_an_engine_that_answers_by_itself_fails() -> None:
    assert RULE.judge(host_subject(archive_probe=404)).status is Status.FAIL


def test_a_unix_socket_is_not_applicable() -> None:
    assert RULE.judge(host_subject(endpoint_scheme="unix", archive_probe=404)).status is Status.NOT_APPLICABLE


def test_loopback_is_not_applicable() -> None:
    assert RULE.judge(host_subject(endpoint_loopback=True, archive_probe=404)).status is Status.NOT_APPLICABLE


def test_no_answer_is_unknown() -> None:
    assert RULE.judge(host_subject(archive_probe=None)).status is Status.UNKNOWN


def test_an_unreported_scheme_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(host_subject(endpoint_scheme=None))


def test_a_proxy_that_refuses_passes() -> None:
    assert RULE.judge(host_subject(archive_probe=403)).status is Status.PASS
